import { failure } from '../../errors.js'
import { readFrame } from './frames.js'
import type { PendingRequests } from './pending-requests.js'
import { printable } from './printable.js'
import type { Message, ViolationKind } from '../transport.js'

/** Where what comes from the wire goes. */
export interface Inbox {
  readonly server: string
  readonly mask: (text: string) => string
  readonly pending: PendingRequests
  readonly deliver: (message: Message, relatedTo?: string | number) => void
  readonly violation: (kind: ViolationKind, detail: string) => void
}

/**
 * Takes one value from the wire: a message, or a batch of them (2025-03-26). An answer is delivered, then its request is
 * settled; an answer that nobody waits for, such as a second one, is told as a violation.
 */
export function receiveInto(inbox: Inbox): (value: unknown, relatedTo?: string | number) => void {
  return (value, relatedTo) =>
    (Array.isArray(value) ? value : [value]).forEach((one: unknown) => receiveOne(inbox, one, relatedTo))
}

function receiveOne(
  { server, mask, pending, deliver, violation }: Inbox,
  value: unknown,
  relatedTo?: string | number,
): void {
  const frame = readFrame(value)
  if (frame.kind === 'invalid') {
    violation('invalid-frame', frame.reason)
    if (frame.id === undefined) return
    const message = `Server "${server}" answered request ${frame.id} with an invalid frame: ${printable(mask(frame.reason)).slice(0, 200)}`
    pending.fail(frame.id, failure('RESPONSE_INVALID', message, { server, delivered: 'yes' }))
    return
  }
  const { message } = frame
  if (frame.kind !== 'response' || message.id === undefined) return deliver(message, relatedTo)
  const id = pending.match(message.id)
  if (id === undefined)
    return violation('stray-answer', `an answer to ${JSON.stringify(message.id)}, which nobody asked for`)
  deliver({ ...message, id })
  pending.answered(id)
}
