import type { CloseReport } from '../events.js'
import type { Root, Servers } from './servers.js'

export interface CloserPorts {
  readonly root: Root
  readonly servers: Servers
  /** Resolves when no transport is left, with what it took and what could not be ended. */
  readonly ended: () => Promise<{ endedBy: Record<string, string>; errors: Record<string, string> }>
  /** Last net: fails every call that no server settled. */
  readonly failCalls: () => void
  readonly closed: (report: CloseReport) => void
}

/** Returns the function that closes everything once, however often it is called. */
export function createCloser({ root, servers, ended, failCalls, closed }: CloserPorts): () => Promise<CloseReport> {
  let closing: Promise<CloseReport> | undefined

  async function close(): Promise<CloseReport> {
    const total = servers.names().length
    const isOver = new Promise<void>((resolve) => {
      root.subscribe({ complete: resolve, error: () => resolve() })
      if (root.getSnapshot().status !== 'active') resolve()
    })
    root.send({ type: 'close' })
    await isOver
    const { endedBy, errors } = await ended()
    failCalls()
    servers.clear()
    const report: CloseReport = { total, closed: total - Object.keys(errors).length, errors, endedBy }
    closed(report)
    return report
  }

  return () => (closing ??= close())
}
