import type { Supervisor } from '../index.js'
import { createCatalogue } from './catalogue.js'
import { createAnnouncements } from './clients/announcements.js'
import { type Client, type Principal, createClient } from './clients/client.js'
import { createLanes } from './clients/lanes.js'
import { createSubscriptions } from './clients/subscriptions.js'
import { createUrlElicitations } from './clients/url-elicitations.js'
import { instructionsOf } from './instructions.js'
import { type Monitor, createMonitor } from './monitoring/monitor.js'
import { createNamings } from './names/namings.js'
import { type GatewayOptions, gatewayTerms } from './options.js'
import { createRounds } from './relay/rounds.js'
import { createServerFor } from './serve/create-server.js'
import { createSurface } from './surface.js'
import type { Connect } from './upstream/connect.js'
import type { View } from './view.js'

/** Where the ways of all clients meet: what there is to see, who is there, and what they are told. */
export interface Hub {
  readonly connect: Connect
  readonly monitor: Monitor
  /** Requests that wait, between two messages, for answers of their clients. */
  readonly parked: () => readonly Promise<unknown>[]
  clients(): readonly Client[]
  /** What these may see is another than before. */
  viewsChanged(principals: ReadonlySet<Principal>): void
  close(): void
}

export function createHub(supervisor: Supervisor, options: GatewayOptions): Hub {
  const { naming, exposure, listWaitMs, answerWaitMs, instructions, onError } = gatewayTerms(options)
  const clients = new Set<Client>()
  let lastId = 0
  const catalogue = createCatalogue({ supervisor, changed: (...change) => announcements.changed(...change) })
  const namings = createNamings({ supervisor, form: naming, hidden: onError })
  const subscriptions = createSubscriptions()
  const lanes = createLanes(supervisor)
  const pages = createUrlElicitations()
  const surface = createSurface({
    supervisor,
    catalogue,
    naming: namings.current,
    listWaitMs,
    refused: (server, kind, name, takenBy) =>
      onError(new Error(`Server "${server}": "${name}" of its ${kind} is not shown, for "${takenBy}" has its name`)),
  })
  const announcements = createAnnouncements({
    supervisor,
    clients: () => clients,
    subscriptions,
    lanes,
    pages,
    surface,
  })
  const rounds = createRounds(answerWaitMs)
  const monitor = createMonitor(supervisor, () => [...clients])
  const serving = {
    surface,
    subscriptions,
    lanes,
    pages,
    rounds,
    exposure,
    levelChosen: announcements.levelChosen,
    instructions(view: View) {
      const servers = surface.servers(view).filter((server) => view.mayUse(server))
      return instructions ?? instructionsOf(supervisor, servers, naming === 'plain')
    },
  }

  const connect: Connect = ({ principal, transport, isOne, tell }) => {
    const id = ++lastId
    const client = createClient({ id, principal, transport, tell, ...(isOne && { owner: { client: id } }) })
    clients.add(client)
    return {
      client,
      server: (era) => createServerFor(client, era, serving),
      listen(params) {
        const holder = {}
        for (const uri of resourcesIn(params)) follow(holder, uri)
        return () => subscriptions.drop(holder)
      },
      gone() {
        clients.delete(client)
        subscriptions.drop(client)
        lanes.drop(client)
        pages.drop(client)
        rounds.drop(client)
        announcements.levelChosen()
      },
    }

    /** What may not be seen is not followed, nor what its server refuses. */
    function follow(holder: object, uri: string): void {
      try {
        const { server, name } = surface.findResource(principal.view, uri)
        subscriptions.add(holder, client, lanes.laneOf(client, server), name).catch(onError)
      } catch (error) {
        onError(error as Error)
      }
    }
  }

  return {
    connect,
    monitor,
    parked: rounds.parked,
    clients: () => [...clients],
    viewsChanged: announcements.viewsChanged,
    close() {
      monitor.close()
      rounds.close()
      announcements.close()
      catalogue.close()
      namings.close()
    },
  }
}

/** What a `subscriptions/listen` wants to hear of. */
function resourcesIn(params: unknown): string[] {
  const { notifications } = (params ?? {}) as { notifications?: { resourceSubscriptions?: unknown } }
  const uris = notifications?.resourceSubscriptions
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []
}
