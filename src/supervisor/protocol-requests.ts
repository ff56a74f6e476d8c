import type { ItemListOptions, RequestOptions, ServerMethods } from '../api.js'
import type { ListMethod, Work } from '../calls/ledger.js'
import type { WishBook } from '../calls/wishes.js'
import type {
  CompletionResult,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
} from '../mcp.js'
import type { ServerIdentity } from '../messages.js'
import type { SubmitOptions, SubmitType } from './calls.js'

/** The methods that are one request each, and go the way of every call. */
export type ProtocolRequests = Omit<ServerMethods, 'connect' | 'testConnection' | 'listTools' | 'callTool' | 'restart'>

export interface ProtocolRequestsParts {
  readonly submit: (name: string, type: SubmitType, work: Work, options: SubmitOptions) => Promise<unknown>
  readonly find: (name: string) => ServerIdentity
  /** Whether a session stands that could have something to forget. */
  readonly isReady: (name: string) => boolean
  readonly wishes: WishBook
}

export function createProtocolRequests({ submit, find, isReady, wishes }: ProtocolRequestsParts): ProtocolRequests {
  const request = (name: string, method: string, params: Record<string, unknown>, options: RequestOptions = {}) =>
    submit(name, 'call', { kind: 'request', method, params }, options)
  const list = (name: string, method: ListMethod, { refresh = false, ...options }: ItemListOptions = {}) =>
    submit(name, 'call', { kind: 'list', method, refresh }, options) as Promise<readonly unknown[]>

  return {
    async listResources(name, options) {
      return [...(await list(name, 'resources/list', options))] as Resource[]
    },
    async listResourceTemplates(name, options) {
      return [...(await list(name, 'resources/templates/list', options))] as ResourceTemplate[]
    },
    async readResource(name, uri, options) {
      return (await request(name, 'resources/read', { uri }, options)) as ReadResourceResult
    },
    async subscribe(name, uri, options) {
      await request(name, 'resources/subscribe', { uri }, options)
      wishes.subscribed(find(name), uri)
    },
    async unsubscribe(name, uri, options) {
      wishes.unsubscribed(find(name), uri)
      if (isReady(name)) await request(name, 'resources/unsubscribe', { uri }, options)
    },
    async listPrompts(name, options) {
      return [...(await list(name, 'prompts/list', options))] as Prompt[]
    },
    async getPrompt(name, prompt, args, options) {
      const params = { name: prompt, ...(args && { arguments: args }) }
      return (await request(name, 'prompts/get', params, options)) as GetPromptResult
    },
    async complete(name, ref, argument, { context, ...options } = {}) {
      const params = { ref, argument, ...(context && { context: { arguments: context } }) }
      const { completion } = (await request(name, 'completion/complete', params, options)) as {
        completion: CompletionResult
      }
      return completion
    },
    async setLogLevel(name, level, options) {
      await request(name, 'logging/setLevel', { level }, options)
      wishes.levelSet(find(name), level)
    },
    async ping(name, options) {
      await request(name, 'ping', {}, options)
    },
  }
}
