import type { Supervisor } from '../../index.js'

/** The way to one server that a client takes: the methods of the supervisor, without the name of the server. */
export interface Lane {
  callTool: Bound<'callTool'>
  readResource: Bound<'readResource'>
  getPrompt: Bound<'getPrompt'>
  complete: Bound<'complete'>
}

type Bound<M extends keyof Supervisor> = Supervisor[M] extends (name: string, ...args: infer A) => infer R
  ? (...args: A) => R
  : never

/** The process and the session that all clients share. */
export function sharedLane(supervisor: Supervisor, server: string): Lane {
  return {
    callTool: (...args) => supervisor.callTool(server, ...args),
    readResource: (...args) => supervisor.readResource(server, ...args),
    getPrompt: (...args) => supervisor.getPrompt(server, ...args),
    complete: (...args) => supervisor.complete(server, ...args),
  }
}
