import type {
  CompleteResult,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  Server,
} from '@modelcontextprotocol/server'

import type { CompletionReference } from '../../index.js'
import { inProtocolErrors } from '../problems.js'
import type { Serving } from './serving.js'

/** Everything about resources, and the completion of their addresses and of the arguments of prompts. */
export function serveResources(server: Server, { client, lane, carry, surface, subscriptions }: Serving): void {
  const view = () => client.principal.view

  server.setRequestHandler('resources/list', () =>
    inProtocolErrors(async () => {
      const shown = await surface.listResources(view(), 'resources')
      return { resources: shown.map(({ name, item }) => ({ ...item, uri: name }) as Resource) }
    }),
  )
  server.setRequestHandler('resources/templates/list', () =>
    inProtocolErrors(async () => {
      const shown = await surface.listResources(view(), 'resourceTemplates')
      return {
        resourceTemplates: shown.map(({ name, item }) => ({ ...item, uriTemplate: name }) as ResourceTemplateType),
      }
    }),
  )
  server.setRequestHandler('resources/read', ({ params: { uri } }, ctx) =>
    inProtocolErrors(async () => {
      const { server: owner, name } = surface.findResource(view(), uri)
      return carry(ctx, { uri }, async (options) => {
        const result = await lane(owner).readResource(name, options)
        const contents = result.contents.map((part) => ({ ...part, uri: surface.exposedUri(owner, part.uri) }))
        return { ...result, contents } as ReadResourceResult
      })
    }),
  )
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }) =>
    inProtocolErrors(async () => {
      const { server: owner, name } = surface.findResource(view(), uri)
      await subscriptions.add(client, client, lane(owner), name)
      return {}
    }),
  )
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) =>
    inProtocolErrors(async () => {
      const { server: owner, name } = surface.findResource(view(), uri)
      await subscriptions.remove(client, lane(owner), name)
      return {}
    }),
  )
  server.setRequestHandler('completion/complete', ({ params: { ref, argument, context } }, ctx) =>
    inProtocolErrors(async () => {
      const { server: owner, reference } = await referenceOf(ref)
      return carry(ctx, { ref, argument }, async (options) => {
        const known = context?.arguments
        const completion = await lane(owner).complete(reference, argument, {
          ...options,
          ...(known && { context: known }),
        })
        return { completion } as CompleteResult
      }) as Promise<CompleteResult>
    }),
  )

  async function referenceOf(ref: CompletionReference): Promise<{ server: string; reference: CompletionReference }> {
    if (ref.type === 'ref/resource') {
      const { server: owner, name } = surface.findResource(view(), ref.uri)
      return { server: owner, reference: { type: 'ref/resource', uri: name } }
    }
    const { server: owner, name } = await surface.find(view(), 'prompts', ref.name)
    return { server: owner, reference: { type: 'ref/prompt', name } }
  }
}
