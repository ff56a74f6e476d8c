import { parseText } from '../wire/long-texts.js'
import type { HttpLink } from './form.js'

/** Hands the messages among the events of a stream to the link; what is not JSON is skipped and told as a violation. */
export function receiveEvent(
  link: Pick<HttpLink, 'receive' | 'violation'>,
  relatedTo?: string | number,
): (type: string, data: string) => void {
  return (type, data) => {
    // An event without data only carries an id (2025-11-25, transports: the priming event).
    if (type !== 'message' || data === '') return
    let value: unknown
    try {
      value = parseText(data)
    } catch {
      return link.violation('invalid-frame', `an event of ${data.length} characters is not JSON`)
    }
    link.receive(value, relatedTo)
  }
}
