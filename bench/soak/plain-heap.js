/**
 * To be imported first: has V8 neither optimise code nor forget it. Both happen at any time and change the heap by more
 * than a small leak would; what then grows is data.
 */
import { setFlagsFromString } from 'node:v8'

for (const flag of ['--no-opt', '--no-sparkplug', '--no-flush-bytecode']) setFlagsFromString(flag)
