import { type Failure, failure } from '../errors.js'

/** Why a call is refused when as many wait already as may. */
export function queueFull(server: string, maxQueue: number): Failure {
  return failure('QUEUE_FULL', `Server "${server}" has ${maxQueue} calls waiting, the most it may have`, {
    server,
    phase: 'queue',
  })
}
