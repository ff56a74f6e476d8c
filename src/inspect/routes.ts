import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Supervisor } from '../index.js'
import { type Outcome, type Reload, reloadAll, restartServer } from './commands.js'
import type { LiveFeed } from './live-feed.js'
import { type Outlet, type Outlets, fromEventStream } from './outlets.js'
import type { PageFile } from './page-files.js'
import type { Recorder } from './recorder.js'
import type { StatelyFeed } from './stately-feed.js'
import { serverView } from './views.js'

export interface RoutesParts {
  readonly supervisor: Supervisor
  readonly recorder: Recorder
  readonly files: ReadonlyMap<string, PageFile>
  readonly reload: Reload
  readonly viewers: Outlets
  readonly liveFeed: LiveFeed
  readonly stately: Outlets
  readonly statelyFeed: StatelyFeed
}

/** Nothing from elsewhere runs in our pages, and nothing of them goes elsewhere. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
const nowhere = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const safety = {
  'content-security-policy': `${policy}; ${nowhere}`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Answers the requests that were let in. */
export function createRoutes(parts: RoutesParts) {
  const { supervisor, recorder, files, reload, viewers, liveFeed, stately, statelyFeed } = parts

  function get(path: string, response: ServerResponse): void {
    const [, name] = /^servers\/([^/]+)$/.exec(path) ?? []
    if (path === 'events') return stream(response, viewers, liveFeed)
    if (path === 'stately/events') return stream(response, stately, statelyFeed)
    if (name !== undefined) return sendJson(response, 200, serverView(decoded(name), supervisor, recorder))
    sendFile(response, files.get(path === '' ? 'index.html' : path === 'stately' ? 'stately.html' : path), path)
  }

  async function post(path: string, response: ServerResponse): Promise<void> {
    const [, name] = /^servers\/([^/]+)\/restart$/.exec(path) ?? []
    if (path === 'reload') sendOutcome(response, await reloadAll(reload))
    else if (name !== undefined) sendOutcome(response, await restartServer(decoded(name), supervisor))
    else response.writeHead(404, safety).end()
  }

  return (path: string, { method }: IncomingMessage, response: ServerResponse): void => {
    if (method === 'GET') get(path, response)
    else if (method === 'POST') void post(path, response)
    else response.writeHead(405, { ...safety, allow: 'GET, POST' }).end()
  }
}

function stream(response: ServerResponse, outlets: Outlets, feed: { greet(outlet: Outlet): void }): void {
  const outlet = fromEventStream(response)
  if (!outlets.add(outlet)) return outlet.close()
  response.on('close', () => outlets.remove(outlet))
  feed.greet(outlet)
}

function sendFile(response: ServerResponse, file: PageFile | undefined, path: string): void {
  if (!file) return void response.writeHead(404, safety).end()
  // This one page shows another inside, and says so.
  const frames = path === 'stately' ? '; frame-src https://stately.ai' : ''
  const headers = { ...safety, 'content-security-policy': safety['content-security-policy'] + frames }
  response.writeHead(200, { ...headers, 'content-type': file.type }).end(file.body)
}

function sendOutcome(response: ServerResponse, outcome: Outcome): void {
  sendJson(response, outcome.ok ? 200 : 409, outcome)
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...safety, 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** A name as it stands in a path; one that is written wrongly is a name that nobody has. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    // The caller is told that no such server is configured.
    return name
  }
}
