import { type Delivered, type Failure, failure } from '../errors.js'

/** Why the calls of a server fail whose machine broke, or those of all servers. */
export function broken(server: string | undefined, delivered: Delivered): Failure {
  return failure('CONNECTION_LOST', `${server ? `Server "${server}"` : 'The supervisor'} broke: a bug in mcpvisor`, {
    delivered,
  })
}
