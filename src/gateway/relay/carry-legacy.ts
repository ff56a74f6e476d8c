import type { ClientCapabilities, ServerContext } from '@modelcontextprotocol/server'

import { traceContextOf } from '../../index.js'
import type { Client } from '../clients/client.js'
import type { UrlElicitations } from '../clients/url-elicitations.js'
import { type Carry, asidesOf } from './exchange.js'
import { type Ask, progressTo, relayTo } from './relayed-handlers.js'

/** A person may think as long as the call may last: its own deadlines end the wait. */
const noTimeoutMs = 2 ** 31 - 1

/** Up to 2025-11-25 a question to the client is a request of its own, in the stream of the request it belongs to. */
export function createLegacyCarry(
  client: Client,
  capabilities: () => ClientCapabilities | undefined,
  pages: Pick<UrlElicitations, 'asked'>,
): Carry {
  const askThrough =
    ({ mcpReq }: ServerContext): Ask =>
    (method, params, { signal, progress }) => {
      pages.asked(client, params)
      const request = { method: method as 'sampling/createMessage', params: { ...params } }
      return mcpReq.send(request, { signal, timeout: noTimeoutMs, ...progressTo(progress, params) })
    }

  return (ctx, _, work) => {
    const { progress, notification } = asidesOf(ctx, client.wants)
    return work({
      signal: ctx.mcpReq.signal,
      handlers: relayTo(askThrough(ctx), capabilities()),
      onNotification: notification,
      ...traceContextOf(ctx.mcpReq._meta),
      owner: client.owner ?? {},
      ...(progress && { onProgress: progress }),
    })
  }
}
