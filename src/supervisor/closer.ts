import type { CloseReport } from '../events.js'
import { flatState } from '../machines/server.context.js'
import type { Root, Servers } from './servers.js'

export interface CloserPorts {
  readonly root: Root
  readonly servers: Servers
  /** Resolves when no transport is left, with what it took and what could not be ended. */
  readonly ended: () => Promise<{ steps: ReadonlyMap<string, string>; errors: Record<string, string> }>
  /** Last net: fails every call that no server settled. */
  readonly failCalls: () => void
  readonly closed: (report: CloseReport) => void
}

/** Returns the function that closes everything once, however often it is called. */
export function createCloser({ root, servers, ended, failCalls, closed }: CloserPorts): () => Promise<CloseReport> {
  let closing: Promise<CloseReport> | undefined

  function isLive(name: string): boolean {
    const snapshot = servers.actor(name)?.getSnapshot()
    return snapshot !== undefined && ['connecting', 'ready', 'closing'].includes(flatState(snapshot.value))
  }

  async function close(): Promise<CloseReport> {
    const names = servers.names()
    const wereLive = names.filter(isLive)
    const isOver = new Promise<void>((resolve) => {
      root.subscribe({ complete: resolve, error: () => resolve() })
      if (root.getSnapshot().status !== 'active') resolve()
    })
    root.send({ type: 'close' })
    await isOver
    const { steps, errors } = await ended()
    failCalls()
    servers.clear()
    const report: CloseReport = {
      total: names.length,
      closed: names.length - Object.keys(errors).length,
      errors,
      endedBy: Object.fromEntries(
        wereLive.flatMap((name) => (steps.has(name) ? [[name, steps.get(name) as string]] : [])),
      ),
    }
    closed(report)
    return report
  }

  return () => (closing ??= close())
}
