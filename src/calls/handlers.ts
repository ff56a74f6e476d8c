import type {
  ElicitationResult,
  FormElicitation,
  Root,
  SamplingRequest,
  SamplingResult,
  UrlElicitation,
} from '../mcp.js'

/** On whose behalf a server asks. */
export interface Asked {
  readonly server: string
  /** The call during which it asks; absent when it asks outside of any. */
  readonly call?: { readonly callId: number; readonly method: string; readonly tool?: string }
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal
}

/**
 * What the host answers when a server asks. Only what has a handler is offered to servers; a handler that throws declines.
 *
 * While a handler is at work, of the deadlines of its call only the hard cap counts.
 */
export interface Handlers {
  /** Lets a model answer. */
  readonly sampling?: (request: SamplingRequest, asked: Asked) => SamplingResult | Promise<SamplingResult>
  /** Lets a person fill in a form. */
  readonly elicitation?: (request: FormElicitation, asked: Asked) => ElicitationResult | Promise<ElicitationResult>
  /** Lets a person visit a page. */
  readonly urlElicitation?: (request: UrlElicitation, asked: Asked) => ElicitationResult | Promise<ElicitationResult>
  /** Names the folders that the server may work in. */
  readonly roots?: (asked: Asked) => readonly Root[] | Promise<readonly Root[]>
}

/** The capabilities that these handlers allow us to declare. */
export function capabilitiesOf({ sampling, elicitation, urlElicitation, roots }: Handlers): Record<string, object> {
  return {
    ...(sampling && { sampling: {} }),
    ...((elicitation || urlElicitation) && {
      elicitation: { ...(elicitation && { form: {} }), ...(urlElicitation && { url: {} }) },
    }),
    ...(roots && { roots: {} }),
  }
}
