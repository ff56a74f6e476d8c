import type { Supervisor } from '../index.js'
import type { Catalogue, Kind, Listed } from './catalogue.js'
import type { ExposedNames } from './names/exposed-names.js'
import type { Naming } from './names/naming.js'
import { unknownName, unknownResource } from './problems.js'
import type { View } from './view.js'

/** A thing of a server, with the name that clients know it by. */
export interface Shown<T> {
  readonly server: string
  readonly name: string
  readonly item: T
}

/** Where a request of a client goes. */
export interface Target<T = unknown> {
  readonly server: string
  /** As the server knows it. */
  readonly name: string
  /** As the server lists it, where that is known. */
  readonly item?: T | undefined
}

/** All servers as one, as far as a view lets them be seen. */
export interface Surface {
  /** The servers of which anything may be seen, in configuration order. */
  servers(view: View): string[]
  list<K extends 'tools' | 'prompts'>(view: View, kind: K): Promise<Shown<Listed[K]>[]>
  /** Resources or templates: their addresses are the names. */
  listResources<K extends 'resources' | 'resourceTemplates'>(view: View, kind: K): Promise<Shown<Listed[K]>[]>
  /** @throws the same error for a name that does not exist and for one that may not be seen */
  find<K extends 'tools' | 'prompts'>(view: View, kind: K, exposed: string): Promise<Target<Listed[K]>>
  findResource(view: View, exposed: string): Target
  exposedUri(server: string, uri: string): string
  /** What a server is for, as the configuration says; empty when it does not. */
  purposeOf(server: string): string
}

export interface SurfaceParts {
  readonly supervisor: Supervisor
  readonly catalogue: Catalogue
  /** The naming of the configuration in force. */
  readonly naming: () => Naming
  /** How long a list waits for servers of which nothing is known. */
  readonly listWaitMs: number
  /** Something has no name that is its own. */
  readonly refused: (server: string, kind: Kind, name: string, takenBy: string) => void
}

export function createSurface({ supervisor, catalogue, naming, listWaitMs, refused }: SurfaceParts): Surface {
  const names = new WeakMap<object, { readonly of: Naming; readonly names: ExposedNames }>()

  /** All names of a server at once, whatever of it may be seen: a view changes no name. */
  function namesOf(server: string, kind: Kind, items: readonly { readonly name: string }[]): ExposedNames {
    const made = names.get(items)
    const current = naming()
    if (made?.of === current) return made.names
    const all = current.namesOf(
      server,
      items.map(({ name }) => name),
    )
    for (const { name, takenBy } of all.refused) refused(server, kind, name, takenBy)
    names.set(items, { of: current, names: all })
    return all
  }

  const mayUse = (view: View, kind: Kind, server: string, name: string): boolean =>
    kind === 'tools' ? view.mayUse(server, name) : view.mayUse(server)

  /** Tools may be seen of a server of which nothing else may. */
  const isListed = (view: View, kind: Kind) => (server: string) =>
    kind === 'tools' ? view.concerns(server) : view.mayUse(server)

  const shown = (isSeen: (server: string) => boolean): string[] =>
    supervisor.servers().filter((server) => naming().shows(server) && isSeen(server))

  async function learnt(view: View, kind: Kind): Promise<readonly string[]> {
    const servers = shown(isListed(view, kind))
    await catalogue.learn(servers, kind, listWaitMs)
    return servers
  }

  return {
    servers: ({ concerns }) => shown(concerns),
    async list(view, kind) {
      const servers = await learnt(view, kind)
      return servers.flatMap((server) => {
        const items = catalogue.known(server, kind) ?? []
        const exposed = namesOf(server, kind, items)
        return items.flatMap((item) => {
          const name = exposed.exposed(item.name)
          return name !== undefined && mayUse(view, kind, server, item.name) ? [{ server, name, item }] : []
        })
      })
    },
    async listResources(view, kind) {
      const servers = await learnt(view, kind)
      return servers.flatMap((server) =>
        (catalogue.known(server, kind) ?? []).map((item) => {
          const uri = 'uriTemplate' in item ? String(item['uriTemplate']) : String(item['uri'])
          return { server, name: naming().exposedUri(server, uri), item }
        }),
      )
    },
    async find(view, kind, exposed) {
      const server = naming().serverOf(exposed)
      const unknown = unknownName(kind === 'tools' ? 'tool' : 'prompt', exposed)
      if (server === undefined || !supervisor.servers().includes(server)) throw unknown
      // Before anything is started for the sake of who may not use it.
      if (!isListed(view, kind)(server)) throw unknown
      // One that fails to list can still be called: a lawful name stands for itself, and the call says what is wrong.
      const items = await catalogue.ask(server, kind).catch(() => undefined)
      const name = namesOf(server, kind, items ?? [{ name: naming().innerOf(exposed) }]).original(exposed)
      if (name === undefined || !mayUse(view, kind, server, name)) throw unknown
      return { server, name, item: items?.find((item) => item.name === name) }
    },
    findResource(view, exposed) {
      const found = naming().resource(exposed)
      if (!found || !supervisor.servers().includes(found.server) || !view.mayUse(found.server))
        throw unknownResource(exposed)
      return { server: found.server, name: found.uri }
    },
    exposedUri: (server, uri) => naming().exposedUri(server, uri),
    purposeOf(server) {
      const { description } = (supervisor.config().mcpServers[server] ?? {}) as { readonly description?: unknown }
      return typeof description === 'string' ? description : ''
    },
  }
}
