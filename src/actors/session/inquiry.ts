import type { Asked, Handlers } from '../../calls/handlers.js'
import type { ElicitationResult, FormElicitation, Progress, SamplingRequest, UrlElicitation } from '../../mcp.js'

/** Something that a server asks of its client. */
export interface Inquiry {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** How the server names it among those it asks at once. */
  readonly key?: string
  /** Tells the server how far the answer is; absent when it does not ask for that. */
  readonly progress?: ((progress: Progress) => void) | undefined
}

/** What a server is told in return: as JSON-RPC has it. `cause` is why it is an error, for the host alone. */
export type Reply =
  | {
      readonly result: Record<string, unknown>
      /** The person who was sent to a page is done there. */
      readonly isDone?: boolean
    }
  | { readonly error: { readonly code: number; readonly message: string }; readonly cause?: unknown }

/** To a question of a call that nobody waits for any more. */
export const ended: Reply = { error: { code: -1, message: 'The call that this belongs to has ended' } }

const inquiries: ReadonlySet<string> = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list'])

/** Whether a method is one that handlers may answer. */
export function isInquiry(method: string): boolean {
  return inquiries.has(method)
}

/** Answers with the handler for it. Never rejects: without one, and when it throws or is too late, the reply is an error. */
export async function answerInquiry(
  inquiry: Inquiry,
  handlers: Handlers,
  asked: Omit<Asked, 'progress'>,
): Promise<Reply> {
  const { progress = () => {} } = inquiry
  try {
    const reply = await Promise.race([ask(inquiry, handlers, { ...asked, progress }), aborted(asked.signal)])
    return reply ?? { error: { code: -32601, message: `The client does not support ${inquiry.method}` } }
  } catch (cause) {
    return { error: { code: -32603, message: `The client could not answer ${inquiry.method}` }, cause }
  }
}

/** Rejects when the signal aborts: whoever asks no longer waits, whatever the handler does. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  )
}

async function ask({ method, params }: Inquiry, handlers: Handlers, asked: Asked): Promise<Reply | undefined> {
  const { sampling, elicitation, urlElicitation, roots } = handlers
  if (method === 'sampling/createMessage') {
    return sampling && { result: { ...(await sampling(params as unknown as SamplingRequest, asked)) } }
  }
  if (method === 'elicitation/create' && params['mode'] === 'url') {
    return urlElicitation && visited(await urlElicitation(params as unknown as UrlElicitation, asked))
  }
  if (method === 'elicitation/create') {
    const form = params as unknown as FormElicitation
    return elicitation && { result: withDefaults(form, await elicitation(form, asked)) }
  }
  return method === 'roots/list' ? roots && { result: { roots: [...(await roots(asked))] } } : undefined
}

function visited({ isDone = false, ...result }: ElicitationResult): Reply {
  return { result, isDone }
}

/** An accepted form in which the fields that were left out have their defaults (2025-11-25, elicitation). */
function withDefaults({ requestedSchema }: FormElicitation, { action, content }: ElicitationResult) {
  if (action !== 'accept') return { action }
  const fields = Object.entries(requestedSchema['properties'] ?? {})
  const defaults = fields.flatMap(([name, field]: [string, unknown]) =>
    typeof field === 'object' && field !== null && 'default' in field ? [[name, field.default] as const] : [],
  )
  return { action, content: { ...Object.fromEntries(defaults), ...content } }
}
