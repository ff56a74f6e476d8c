/** A host that starts a server of every shape, says so, and waits to be killed. Argument: the mark of the processes. */
import { createSupervisor } from 'mcpvisor'

import { shapedServers, takeShape } from './shapes.js'

const supervisor = createSupervisor({ mcpServers: shapedServers(process.argv[2]) })
await takeShape(supervisor)
console.log('ready')
setInterval(() => {}, 60_000)
