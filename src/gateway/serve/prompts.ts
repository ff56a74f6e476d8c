import type { GetPromptResult, Prompt, Server } from '@modelcontextprotocol/server'

import { inProtocolErrors } from '../problems.js'
import type { Serving } from './serving.js'
import { exposeLink } from './links.js'

/** `prompts/list` and `prompts/get`. */
export function servePrompts(server: Server, { client, lane, carry, surface }: Serving): void {
  const view = () => client.principal.view

  server.setRequestHandler('prompts/list', () =>
    inProtocolErrors(async () => {
      const shown = await surface.list(view(), 'prompts')
      return { prompts: shown.map(({ name, item }) => ({ ...item, name }) as Prompt) }
    }),
  )
  server.setRequestHandler('prompts/get', ({ params }, ctx) => {
    const { name: exposed, arguments: args } = params
    return inProtocolErrors(async () => {
      const { server: owner, name } = await surface.find(view(), 'prompts', exposed)
      return carry(ctx, { exposed, args }, async (options) => {
        const result = await lane(owner).getPrompt(name, args, options)
        const messages = result.messages.map((message) => ({
          ...message,
          content: exposeLink(message.content, (uri) => surface.exposedUri(owner, uri)),
        }))
        return { ...result, messages } as GetPromptResult
      })
    })
  })
}
