import type { Lease, ServerMethods } from '../api.js'
import type { ServerIdentity } from '../messages.js'
import type { ServerStatus } from './status.js'

export interface LeaseParts {
  /** Those of a server, for this one whatever name they are given. */
  readonly methods: ServerMethods
  readonly status: () => ServerStatus
  readonly close: () => Promise<void>
}

/** The public object of a lease. */
export function createLease({ name, lease = 0 }: ServerIdentity, { methods, status, close }: LeaseParts): Lease {
  return {
    ...withoutName(methods, name),
    server: name,
    id: lease,
    status,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Each method of one server as it is without its first argument. */
function withoutName(methods: ServerMethods, name: string): Pick<Lease, keyof ServerMethods> {
  const bound = Object.entries(methods).map(([key, method]: [string, (name: string, ...rest: never[]) => unknown]) => [
    key,
    (...rest: never[]) => method(name, ...rest),
  ])
  return Object.fromEntries(bound) as Pick<Lease, keyof ServerMethods>
}
