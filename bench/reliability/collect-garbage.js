import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** Bytes of the heap that are still in use once all garbage is gone. */
export function heapInUse() {
  // What a finalizer of the first round lets go is found by the second.
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
