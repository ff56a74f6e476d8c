import type { LogLevel } from '../mcp.js'
import { type ServerIdentity, actorId } from '../messages.js'

/** What callers asked a server to go on doing. A session forgets it when it ends, so that each new one is asked again. */
export interface Wishes {
  /** The resources whose updates are to be told. */
  readonly resources: ReadonlySet<string>
  readonly logLevel: LogLevel | undefined
}

/** The wishes for each server, and for each lease apart. */
export interface WishBook {
  /** As they are now. */
  of(server: ServerIdentity): Wishes
  subscribed(server: ServerIdentity, uri: string): void
  unsubscribed(server: ServerIdentity, uri: string): void
  levelSet(server: ServerIdentity, level: LogLevel): void
  forget(server: ServerIdentity): void
}

interface Page extends Wishes {
  readonly resources: Set<string>
  logLevel: LogLevel | undefined
}

const none: Wishes = { resources: new Set(), logLevel: undefined }

export function createWishBook(): WishBook {
  const pages = new Map<string, Page>()

  function page(server: ServerIdentity): Page {
    const key = actorId(server)
    const known = pages.get(key) ?? { resources: new Set(), logLevel: undefined }
    pages.set(key, known)
    return known
  }

  return {
    of: (server) => pages.get(actorId(server)) ?? none,
    subscribed: (server, uri) => void page(server).resources.add(uri),
    unsubscribed: (server, uri) => void pages.get(actorId(server))?.resources.delete(uri),
    levelSet: (server, level) => void (page(server).logLevel = level),
    forget: (server) => void pages.delete(actorId(server)),
  }
}
