import type { EventOf, LogLevel, Notification, Supervisor } from '../../index.js'
import type { Kind } from '../catalogue.js'
import type { Surface } from '../surface.js'
import type { Client, Principal } from './client.js'
import type { Lane, Lanes } from './lanes.js'
import { mostTalkative } from './log-levels.js'
import type { Subscriptions } from './subscriptions.js'
import type { UrlElicitations } from './url-elicitations.js'

/** What the servers say of themselves, told to the clients that may know it and to nobody else. */
export interface Announcements {
  /** A list of a server has changed. */
  changed(server: string, kind: Kind): void
  /** What these may see is another than before. */
  viewsChanged(principals: ReadonlySet<Principal>): void
  /** A client has chosen the level of its log messages, has come or has gone. */
  levelChosen(): void
  close(): void
}

export interface AnnouncementsParts {
  readonly supervisor: Supervisor
  readonly clients: () => Iterable<Client>
  readonly subscriptions: Subscriptions
  readonly lanes: Pick<Lanes, 'of' | 'running'>
  readonly pages: Pick<UrlElicitations, 'completed'>
  readonly surface: Pick<Surface, 'exposedUri'>
}

/** Changes that follow each other are told as one. */
const pauseMs = 50

const methods: Readonly<Record<Kind, string>> = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
  resourceTemplates: 'notifications/resources/list_changed',
}

export function createAnnouncements(parts: AnnouncementsParts): Announcements {
  const { supervisor, clients, subscriptions, lanes, pages, surface } = parts
  const due = new Map<Client, Set<string>>()
  let timer: NodeJS.Timeout | undefined
  let level: LogLevel | undefined

  function flush(): void {
    timer = undefined
    for (const [client, told] of due) for (const method of told) client.tell({ method, params: {} })
    due.clear()
  }

  function tellSoon(client: Client, method: string): void {
    due.set(client, (due.get(client) ?? new Set()).add(method))
    timer ??= setTimeout(flush, pauseMs)
  }

  function heard(event: EventOf<'notification.received'>): void {
    const { method, params, origin } = event
    const lane = lanes.of(event)
    if (!lane) return
    if (method === 'notifications/resources/updated') updated(lane, params)
    if (method === 'notifications/elicitation/complete')
      pages.completed(params['elicitationId'])?.tell({ method, params })
    // What belongs to a request goes with its answer; what may belong to that of another client is told to nobody.
    if (method === 'notifications/message' && origin === 'server') logged(lane, { method, params })
  }

  function updated(lane: Lane, { uri, ...params }: Notification['params']): void {
    if (typeof uri !== 'string') return
    const method = 'notifications/resources/updated'
    for (const client of subscriptions.subscribers(lane, uri)) {
      // It may have seen the server when it subscribed.
      if (!client.principal.view.mayUse(lane.server)) continue
      client.tell({ method, params: { ...params, uri: surface.exposedUri(lane.server, uri) } })
    }
  }

  function logged({ server, client: only }: Lane, notification: Notification): void {
    for (const client of only ? [only] : clients()) {
      const isWanted = client.wants(notification.params['level'] as LogLevel)
      if (isWanted && client.principal.view.mayUse(server)) client.tell(notification)
    }
  }

  /** Tells a running server which messages are wanted. */
  function ask({ setLogLevel, client }: Lane): void {
    const wanted = client ? client.logLevel : level
    // One that keeps no log refuses, and one that is going is asked again when it is back.
    if (wanted !== undefined) setLogLevel(wanted).catch(() => undefined)
  }

  function ready(event: EventOf<'state.changed'>): void {
    const lane = event.to === 'ready' ? lanes.of(event) : undefined
    if (lane) ask(lane)
  }

  const ignore = [supervisor.on('notification.received', heard), supervisor.on('state.changed', ready)]

  return {
    changed(server, kind) {
      for (const client of clients()) {
        const { view } = client.principal
        // A tool may be seen of a server of which nothing else may.
        if (!(kind === 'tools' ? view.concerns(server) : view.mayUse(server))) continue
        tellSoon(client, methods[kind])
      }
    },
    viewsChanged(principals) {
      for (const client of clients())
        if (principals.has(client.principal)) for (const method of Object.values(methods)) tellSoon(client, method)
    },
    levelChosen() {
      level = mostTalkative([...clients()].flatMap(({ logLevel }) => logLevel ?? []))
      lanes.running().forEach(ask)
    },
    close() {
      clearTimeout(timer)
      for (const stop of ignore) stop()
    },
  }
}
