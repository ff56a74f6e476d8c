import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Outlet } from './outlets.js'

/** Takes a connection over as a WebSocket and calls back with it, and when it has ended. */
export type AcceptSocket = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  opened: (outlet: Outlet) => void,
  closed: (outlet: Outlet) => void,
) => void

const closeTimeoutMs = 300

/** Loads the optional package `ws`; undefined where it is not installed. It is not needed for any page. */
export async function loadSockets(): Promise<AcceptSocket | undefined> {
  const { WebSocketServer } = await import('ws').catch(() => ({ WebSocketServer: undefined }))
  if (!WebSocketServer) return undefined
  // Nobody has anything to tell us: a longer message ends the connection. The types of `ws` do not know `closeTimeout` yet:
  // a viewer that does not answer a close would keep the process alive for half a minute.
  const options = { noServer: true, maxPayload: 1_024, closeTimeout: closeTimeoutMs }
  const server = new WebSocketServer(options)
  return (request, socket, head, opened, closed) => {
    server.handleUpgrade(request, socket, head, (connection) => {
      const outlet: Outlet = {
        send: (_event, data) => connection.send(JSON.stringify(data)),
        waiting: () => connection.bufferedAmount,
        close: () => connection.close(1001),
      }
      connection.on('close', () => closed(outlet))
      // What ended it does not matter: a viewer went away.
      connection.on('error', () => connection.terminate())
      opened(outlet)
    })
  }
}
