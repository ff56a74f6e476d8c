import type { Client as ModernClient } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

export const everyCapability = { elicitation: {}, sampling: {}, roots: {} }

/** Answers every question in the name of one person, who may do something before a form is filled in. */
export const answersAs =
  (name: string, before: () => Promise<void> = async () => {}) =>
  (client: LegacyClient | ModernClient) => {
    const content = { type: 'text' as const, text: `${name} thinks` }
    const message = { role: 'assistant' as const, model: 'm', content }
    const roots = { roots: [{ uri: `file:///${name}` }] }
    const form = async () => {
      await before()
      return { action: 'accept' as const, content: { colour: name } }
    }
    if (client instanceof LegacyClient) {
      client.setRequestHandler(ElicitRequestSchema, form)
      client.setRequestHandler(CreateMessageRequestSchema, () => message)
      client.setRequestHandler(ListRootsRequestSchema, () => roots)
    } else {
      client.setRequestHandler('elicitation/create', form)
      client.setRequestHandler('sampling/createMessage', () => message)
      client.setRequestHandler('roots/list', () => roots)
    }
  }
