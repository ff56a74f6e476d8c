import type { ServerStatus, Supervisor } from '../index.js'
import type { Outlet, Outlets } from './outlets.js'
import type { Recorder } from './recorder.js'
import { overviewOf } from './views.js'

/** Changes are told together, at most so often: a busy server costs no more than a quiet one. */
const pauseMs = 100

export interface LiveFeed {
  /** Tells a new listener how everything is. */
  greet(outlet: Outlet): void
  stop(): void
}

/** Tells everybody at the outlets which servers changed and how they are now. Does nothing while nobody listens. */
export function createLiveFeed(supervisor: Supervisor, recorder: Recorder, outlets: Outlets): LiveFeed {
  let timer: NodeJS.Timeout | undefined
  let told = new Map<string, string>()
  const touched = new Set<string>()

  function touch(server?: string): void {
    if (outlets.size === 0) return
    if (server !== undefined) touched.add(server)
    timer ??= setTimeout(tell, pauseMs).unref()
  }

  function tell(): void {
    timer = undefined
    const { servers, actors } = overviewOf(supervisor, recorder)
    const before = told
    told = new Map(servers.map((status) => [status.name, JSON.stringify(status)]))
    const isChanged = ({ name }: ServerStatus) => touched.has(name) || told.get(name) !== before.get(name)
    outlets.send('change', { names: [...told.keys()], servers: servers.filter(isChanged), actors })
    touched.clear()
  }

  const subscriptions = [
    recorder.subscribe(() => touch()),
    supervisor.on('*', (event) => touch('server' in event ? event.server : undefined)),
  ]
  return {
    greet: (outlet) => outlet.send('overview', overviewOf(supervisor, recorder)),
    stop() {
      clearTimeout(timer)
      for (const unsubscribe of subscriptions) unsubscribe()
    },
  }
}
