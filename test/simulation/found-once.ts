import { type Command, type Schedule, answers, openings } from '../support/sim-schedule.js'

const [alpha, beta, gamma] = [0, 1, 2]
const call = (server: number, answer: (typeof answers)[number] = 'silent'): Command => ({
  type: 'call',
  server,
  answer: answers.indexOf(answer),
  latencyMs: 20,
  timeoutMs: 700,
})
const opening = (server: number, kind: (typeof openings)[number]): Command => ({
  type: 'opening',
  server,
  opening: openings.indexOf(kind),
  delayMs: 0,
})
const advance = (ms: number): Command => ({ type: 'advance', ms })

const found: Record<string, readonly Command[]> = {
  'hands on the calls that wait for room when draining takes too long': [
    call(alpha),
    call(alpha),
    call(alpha),
    advance(5),
    { type: 'restart', server: alpha, timeoutMs: 700 },
    advance(60),
  ],
  'forgets a call that is given up while its connection drains': [
    call(alpha, 'answer'),
    call(alpha, 'answer'),
    call(alpha),
    advance(5),
    { type: 'restart', server: alpha, timeoutMs: 700 },
    { type: 'abort', nth: 2 },
    advance(60),
  ],
  'does not take a server for unused that is busy from its start': [call(gamma), advance(100)],
  'says of a call that waited for a failed opening that it was not delivered': [
    opening(alpha, 'hostile'),
    call(alpha),
    advance(5),
  ],
  'closes at once a server that waits for its turn to start': [
    opening(beta, 'silent'),
    advance(5),
    call(alpha),
    { type: 'abort', nth: 0 },
  ],
  'gives the next call all its attempts when a probe is given up before it began': [
    { type: 'probe', server: alpha, timeoutMs: 700 },
    { type: 'abort', nth: 0 },
    advance(5),
  ],
  'starts no process for a server whose actor broke while it waited for its turn': [
    advance(1),
    call(gamma, 'answer'),
    { type: 'crash', server: gamma },
  ],
}

/** What the simulation has found once, as the few commands that showed it. */
export const foundOnce: ReadonlyMap<string, Schedule> = new Map(
  Object.entries(found).map(([title, commands]) => [title, { commands, heals: false }]),
)
