import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Supervisor } from '../index.js'
import type { Reload } from './commands.js'
import { admit } from './gate.js'
import { createLiveFeed } from './live-feed.js'
import { createOutlets } from './outlets.js'
import { loadPageFiles } from './page-files.js'
import type { Recorder } from './recorder.js'
import { createRoutes } from './routes.js'
import { loadSockets } from './sockets.js'
import { createStatelyFeed } from './stately-feed.js'

export interface InspectorOptions {
  /** The records of the supervisor: the recorder that it was created with as `inspect`. */
  readonly recorder: Recorder
  /** Default: any free one. */
  readonly port?: number
  /** What the button "Reload" does. Default: the accepted configuration again, with placeholders resolved anew. */
  readonly reload?: Reload
}

/** Pages of this machine, for this machine, that show a supervisor at work. */
export interface Inspector {
  /** The live page. The address holds the token that opens it. */
  readonly url: string
  /** A page that shows the same in the Stately inspector, which is loaded from stately.ai. */
  readonly statelyUrl: string
  /** Messages of the Stately inspector, for a WebSocket receiver of your own. Absent without the package `ws`. */
  readonly socketUrl?: string
  /** Idempotent. The end of the supervisor does it too. */
  close(): Promise<void>
}

/**
 * Opens the live page of a supervisor on 127.0.0.1, behind a random token. It keeps no process alive and ends with its
 * supervisor.
 * @throws the error of the system when the port is taken
 */
export async function openInspector(supervisor: Supervisor, options: InspectorOptions): Promise<Inspector> {
  const { recorder, port: wanted = 0, reload = () => supervisor.reload(supervisor.config()) } = options
  const [files, acceptSocket] = await Promise.all([loadPageFiles(), loadSockets()])
  const server = createServer()
  await listen(server, wanted)
  const { port } = server.address() as AddressInfo
  const gate = { token: randomBytes(18).toString('base64url'), port }
  const [viewers, stately] = [createOutlets(), createOutlets()]
  const liveFeed = createLiveFeed(supervisor, recorder, viewers)
  const statelyFeed = createStatelyFeed(recorder, stately)
  const routes = createRoutes({ supervisor, recorder, files, reload, viewers, liveFeed, stately, statelyFeed })

  server.on('request', (request, response) => {
    const admission = admit(request, gate)
    if ('status' in admission) response.writeHead(admission.status).end()
    else routes(admission.path, request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const admission = admit(request, gate)
    if ('status' in admission || admission.path !== 'stately' || !acceptSocket) return socket.destroy()
    acceptSocket(request, socket, head, (outlet) => join(outlet), stately.remove)
  })

  function join(outlet: Parameters<typeof stately.add>[0]): void {
    if (stately.add(outlet)) statelyFeed.greet(outlet)
    else outlet.close()
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    stopFollowing()
    unsubscribe()
    for (const feed of [liveFeed, statelyFeed]) feed.stop()
    viewers.send('closed', {})
    for (const outlets of [viewers, stately]) outlets.close()
    const closed = once(server, 'close')
    server.close()
    // A viewer that does not let go is not waited for.
    setTimeout(() => server.closeAllConnections(), graceMs).unref()
    await closed
  }
  const end = () => (closing ??= close())
  const stopFollowing = recorder.follow(supervisor)
  const unsubscribe = supervisor.on('supervisor.closed', () => void end())

  const base = `127.0.0.1:${port}/${gate.token}`
  return {
    url: `http://${base}/`,
    statelyUrl: `http://${base}/stately`,
    ...(acceptSocket && { socketUrl: `ws://${base}/stately` }),
    close: end,
  }
}

const graceMs = 300

/** On this machine only, and without keeping the process alive. */
async function listen(server: Server, port: number): Promise<void> {
  server.on('connection', (socket) => socket.unref())
  server.listen({ port, host: '127.0.0.1' })
  await once(server, 'listening')
  server.unref()
}
