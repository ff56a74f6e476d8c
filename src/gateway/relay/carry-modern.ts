import { CLIENT_CAPABILITIES_META_KEY, type ClientCapabilities, LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server'

import { type LogLevel, traceContextOf } from '../../index.js'
import type { Client } from '../clients/client.js'
import { isAtLeast } from '../clients/log-levels.js'
import { type Carry, asidesOf } from './exchange.js'
import { relayTo } from './relayed-handlers.js'
import type { Rounds } from './rounds.js'

/** What every request of this era says of its client. */
interface Envelope {
  readonly [LOG_LEVEL_META_KEY]?: LogLevel
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities
}

/** Since 2026-07-28 a request is answered in rounds, and what is said meanwhile goes the way of the round that is open. */
export function createModernCarry(client: Client, rounds: Rounds): Carry {
  return async (ctx, request, work) => {
    const { envelope, inputResponses = {}, signal, method } = ctx.mcpReq
    const { [LOG_LEVEL_META_KEY]: least, [CLIENT_CAPABILITIES_META_KEY]: capabilities } = (envelope ?? {}) as Envelope
    const round = {
      client,
      request: JSON.stringify([method, request]),
      state: ctx.mcpReq.requestState<string>(),
      responses: inputResponses,
      asides: asidesOf(ctx, (level) => least !== undefined && isAtLeast(level, least)),
      signal,
    }
    return rounds.carry(round, (ask, asides, abandoned) =>
      work({
        signal: abandoned,
        handlers: relayTo(ask, capabilities),
        onNotification: (notification) => asides().notification(notification),
        ...(least !== undefined && { logLevel: least }),
        onProgress: (progress) => asides().progress?.(progress),
        ...traceContextOf(ctx.mcpReq._meta),
        owner: client.owner ?? {},
      }),
    )
  }
}
