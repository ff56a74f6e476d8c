import type { ClientCapabilities } from '@modelcontextprotocol/server'

import type { Asked, ElicitationResult, Handlers, Root, SamplingResult } from '../../index.js'

/** Puts a question of a server to the client whose request it belongs to. */
export type Ask = (method: string, params: object, asked: Asked) => Promise<unknown>

/** Handlers that pass every question on to a client, as far as it has declared that it takes such questions. */
export function relayTo(ask: Ask, { sampling, elicitation, roots }: ClientCapabilities = {}): Handlers {
  const asksForms = elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
  return {
    sampling:
      sampling && ((request, asked) => ask('sampling/createMessage', request, asked) as Promise<SamplingResult>),
    elicitation: asksForms
      ? (request, asked) => ask('elicitation/create', request, asked) as Promise<ElicitationResult>
      : undefined,
    urlElicitation:
      elicitation?.url && ((request, asked) => ask('elicitation/create', request, asked) as Promise<ElicitationResult>),
    roots:
      roots && (async (asked) => ((await ask('roots/list', {}, asked)) as { readonly roots: readonly Root[] }).roots),
  }
}

/** Lets a client tell the server how far it is with an answer, when the server has asked for that. */
export function progressTo(
  onprogress: Asked['progress'],
  params: { readonly _meta?: { readonly progressToken?: unknown } },
): { onprogress?: Asked['progress'] } {
  return params._meta?.progressToken === undefined ? {} : { onprogress }
}

/**
 * For the supervisor below a gateway: what lets servers ask at all. A question that belongs to no request of a client has
 * nobody who could answer it, and is refused.
 */
export const relayedHandlers: Handlers = {
  sampling: () => nobody(),
  elicitation: () => nobody(),
  urlElicitation: () => nobody(),
  roots: () => nobody(),
}

function nobody(): never {
  throw new Error('No request of a client is under way that this belongs to')
}
