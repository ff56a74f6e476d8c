import type {
  ElicitationResult,
  FormElicitation,
  Progress,
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
  /** How the server names its question among those it asks at once (since 2026-07-28). */
  readonly key?: string
  /** Aborts when the answer is no longer wanted: the server has withdrawn its question, or its call has ended. */
  readonly signal: AbortSignal
  /**
   * Tells the server how far the answer is; each time `progress` must be more. Does nothing when the server does not ask for
   * it, as never since 2026-07-28, and once the question is answered.
   */
  readonly progress: (progress: Progress) => void
}

/** Something that a server says unasked. */
export interface Notification {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * What the host answers when a server asks. Only what has a handler is offered to servers; a handler that throws declines.
 * `undefined` among the handlers of a call takes that of the supervisor away.
 *
 * While a handler is at work, of the deadlines of its call only the hard cap counts.
 */
export interface Handlers {
  /** Lets a model answer. */
  readonly sampling?: ((request: SamplingRequest, asked: Asked) => SamplingResult | Promise<SamplingResult>) | undefined
  /** Lets a person fill in a form. */
  readonly elicitation?:
    | ((request: FormElicitation, asked: Asked) => ElicitationResult | Promise<ElicitationResult>)
    | undefined
  /** Lets a person visit a page. */
  readonly urlElicitation?:
    | ((request: UrlElicitation, asked: Asked) => ElicitationResult | Promise<ElicitationResult>)
    | undefined
  /** Names the folders that the server may work in. */
  readonly roots?: ((asked: Asked) => readonly Root[] | Promise<readonly Root[]>) | undefined
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
