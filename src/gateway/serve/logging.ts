import type { Server } from '@modelcontextprotocol/server'

import type { Serving } from './serving.js'

/** `logging/setLevel`: the level is the client's own; its server is asked for what the most talkative client wants. */
export function serveLogging(server: Server, { client, levelChosen }: Serving): void {
  server.setRequestHandler('logging/setLevel', ({ params: { level } }) => {
    client.logLevel = level
    levelChosen()
    return {}
  })
}
