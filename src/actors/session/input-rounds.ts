import type { Clock } from '../../clock.js'
import { isObject } from '../../config/plain-data.js'
import { shown } from '../../config/wording.js'
import { SupervisorError, failure } from '../../errors.js'
import { alreadySent } from './already-sent.js'
import type { Interruptions } from './interruptions.js'
import { startPause } from './pause.js'
import type { RequestOptions } from './requests.js'

type Body = Record<string, unknown>

export interface InputRounds {
  readonly server: string
  readonly clock: Clock
  readonly method: string
  readonly params: Body
  readonly options: RequestOptions
  /** What may end the wait for an answer of the host. */
  readonly interruptions: Interruptions
  /** Sends the request with these parameters. */
  readonly send: (params: Body) => Promise<Body>
}

/** Requests that may be answered with questions. */
const mayAsk: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])
const maxRounds = 10
/** Before the next round of a server that asked nothing, so that one which only wants time gets some. */
const pauseMs = 250

/**
 * Carries a request through the rounds in which the server asks back (2026-07-28, multi round-trip requests): each time
 * its questions are answered and the request is sent again, with the answers, and with the state exactly as it came.
 * @throws `RESPONSE_INVALID` for an answer that is neither a result nor a lawful question, or after too many rounds;
 * `CALL_ABORTED` when the host declines to answer
 */
export async function throughRounds(rounds: InputRounds): Promise<Body> {
  const { method, params, send } = rounds
  let result = await send(params)
  for (let round = 1; result['resultType'] === 'input_required'; round++) {
    if (!mayAsk.has(method)) throw wrong(rounds, 'it may not ask for input')
    if (round > maxRounds) throw wrong(rounds, `it asked for input more than ${maxRounds} times`)
    const { inputRequests, requestState } = result
    if (inputRequests === undefined && requestState === undefined) throw wrong(rounds, 'it asked for nothing')
    const inputResponses = inputRequests === undefined ? await pause(rounds) : await answerAll(rounds, inputRequests)
    result = await send({
      ...params,
      ...(inputResponses && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    }).catch((error: unknown) => {
      throw alreadySent(error)
    })
  }
  const { resultType = 'complete' } = result
  if (resultType === 'complete') return result
  throw wrong(rounds, `"resultType" must be "complete" or "input_required", got ${shown(resultType)}`)
}

async function pause({ interruptions, options, clock }: InputRounds): Promise<undefined> {
  await interruptions.guard(options.cancellation, (signal) => startPause(clock, pauseMs, signal).over)
}

function answerAll(rounds: InputRounds, inputRequests: unknown): Promise<Body> {
  if (!isObject(inputRequests)) throw wrong(rounds, '"inputRequests" must be an object')
  return rounds.interruptions.guard(rounds.options.cancellation, async (signal) => {
    const answers = Object.entries(inputRequests).map(async ([key, request]) => [
      key,
      await answer(rounds, key, request, signal),
    ])
    return Object.fromEntries(await Promise.all(answers)) as Body
  })
}

async function answer(rounds: InputRounds, key: string, request: unknown, signal: AbortSignal): Promise<Body> {
  const { method, params = {} } = isObject(request) ? request : {}
  if (typeof method !== 'string' || !isObject(params)) throw wrong(rounds, 'a request for input must have a method')
  const reply = await rounds.options.caller?.answer({ method, params, key }, signal)
  if (!reply || ('error' in reply && !('cause' in reply)))
    throw wrong(rounds, `it asked for ${shown(method)}, which we do not offer`)
  if ('result' in reply) return reply.result
  const { server } = rounds
  const message = `Request to server "${server}" was given up: the host did not answer ${method}`
  throw new SupervisorError(failure('CALL_ABORTED', message, { server, delivered: 'maybe' }), reply.cause)
}

function wrong({ server, method }: InputRounds, what: string): SupervisorError {
  const message = `Server "${server}" answered ${method} wrongly: ${what}`
  return new SupervisorError(failure('RESPONSE_INVALID', message, { server, delivered: 'yes' }))
}
