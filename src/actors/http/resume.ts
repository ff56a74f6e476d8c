import { setTimeout as sleep } from 'node:timers/promises'
import { longestDelayMs } from '../../config/defaults.js'
import { failure, SupervisorError } from '../../errors.js'
import { readEvents } from './event-stream.js'
import { endsConnection } from './failures.js'
import { receiveEvent } from './receive-event.js'
import type { HttpLink } from './form.js'
import type { HttpAnswer } from './answer.js'
import { isModern } from '../wire/revisions.js'

/** Before the server names its own `retry` time. */
const defaultRetryMs = 1_000
/** From the fourth time on a stream is asked for again at most once a second, whatever `retry` says. */
const freeResumptions = 3
const slowestPaceMs = 1_000
/** Streams in a row that brought no event; then the answer is given up. */
const maxSilent = 100

/**
 * Reads the stream that will hold the answer to request `id`; resolves when that request waits no longer.
 *
 * A stream that ends before is resumed from the last event id it gave, by a GET (SEP-1699). Without an id there is
 * nothing to resume, and the answer is lost at once; so it is since 2026-07-28.
 * @throws `CONNECTION_LOST` with `delivered: "maybe"`
 */
export async function followAnswer(
  link: HttpLink,
  answer: HttpAnswer,
  id: string | number,
  resume: (lastEventId: string) => Promise<HttpAnswer>,
  signal: AbortSignal,
): Promise<void> {
  let lastEventId: string | undefined
  let retryMs = defaultRetryMs
  let silent = 0
  const listener = {
    event: receiveEvent(link, id),
    id: (eventId: string) => {
      lastEventId = eventId
      silent = 0
    },
    retry: (ms: number) => (retryMs = ms),
  }

  let stream: HttpAnswer | undefined = answer
  for (let resumed = 1; ; resumed++) {
    const broken: unknown = stream && (await readEvents(stream, link.limits.messageBytes, listener).catch(resumable))
    if (!link.waits(id)) return
    if (lastEventId === undefined || isModern(link.session.protocolVersion))
      throw broken ?? lost(answer, 'ended its stream without the answer')
    if (silent++ >= maxSilent) throw lost(answer, `ended ${maxSilent} streams without an event`)
    const paceMs = resumed > freeResumptions ? slowestPaceMs : 0
    await sleep(Math.min(Math.max(retryMs, paceMs), longestDelayMs), null, { signal })
    stream = await resume(lastEventId).catch(refused)
  }

  /** A resumption that was refused: the connection may be gone, and the request was carried there before. */
  function refused(error: unknown): undefined {
    if (!(error instanceof SupervisorError) || signal.aborted) throw error
    if (isBreak(error) && !endsConnection(error)) {
      retryMs = Math.max(retryMs, error.retryAfterMs ?? 0)
      return undefined
    }
    if (endsConnection(error)) link.lose(error)
    throw new SupervisorError({ ...error.toJSON(), code: 'CONNECTION_LOST', delivered: 'maybe', retryable: true })
  }
}

/** Lets a broken stream count as ended; anything else is thrown. */
function resumable(error: unknown): unknown {
  if (isBreak(error)) return error
  throw error
}

function isBreak(error: unknown): error is SupervisorError {
  return error instanceof SupervisorError && (error.code === 'CONNECTION_LOST' || error.code === 'SERVER_UNAVAILABLE')
}

function lost(answer: HttpAnswer, what: string): SupervisorError {
  return new SupervisorError(failure('CONNECTION_LOST', `${answer.subject} ${what}`, { delivered: 'maybe' }))
}
