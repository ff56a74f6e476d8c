import type { HttpRequests } from './requests.js'
import type { Limits, Message, ViolationKind } from '../transport.js'

/**
 * One of the two forms in which MCP goes over HTTP. It carries messages there; what comes back goes to `link.receive`,
 * which settles the requests it answers.
 */
export interface HttpForm {
  /**
   * Carries one message, `text` being its JSON, to the server.
   *
   * Resolves when the exchange that carries it is over. Rejects with a `SupervisorError` when the message was refused or
   * its answer will not come. `signal` ends the exchange; it is one of its own for each message. `headers` are those that
   * the message brings itself.
   */
  post(message: Message, text: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<void>
  /** Ends the session at the server, when there is one. */
  endSession(signal: AbortSignal): Promise<void>
  /** Ends what stands open beside the exchanges. */
  close(): void
}

/** What a form is given of the transport it works for. */
export interface HttpLink {
  readonly server: string
  readonly url: URL
  readonly requests: HttpRequests
  readonly limits: Limits
  readonly mask: (text: string) => string
  /** The session as the messages show it, kept here because the transport tells it too. */
  readonly session: { id?: string | undefined; protocolVersion?: string | undefined }
  /** Takes one value from the wire, a message or a batch of them, that came in answer to that request. */
  receive(value: unknown, relatedTo?: string | number): void
  /** Whether a request waits for its answer. */
  waits(id: string | number): boolean
  /** Marks a request as begun to be written. */
  written(id: string | number): void
  /** The connection as a whole cannot go on; `error` says why. */
  lose(error: unknown): void
  violation(kind: ViolationKind, detail: string): void
}

/** A message that expects an answer. */
export function isRequest(
  message: Message,
): message is Message & { readonly id: string | number; readonly method: string } {
  return message.id !== undefined && message.method !== undefined
}
