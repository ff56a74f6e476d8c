import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { createJournal, faulty } from '../fixtures.js'

/** Seconds of the supervisor that pass in one of ours: real processes, hurried time. */
const speed = 5
const observedMs = 75_000

/** Starts of a server that cannot start, and of one that dies after each handshake, under callers that never give up. */
export async function restartBudget() {
  const cannotStart = await startsOf({ start: { mode: 'exit' } })
  const flaps = await startsOf({ background: { mode: 'exit', ms: 5 } })
  const within = (ms) => Math.max(busiest(cannotStart, ms), busiest(flaps, ms))
  const [in10, in60] = [within(10_000), within(60_000)]
  return {
    id: 'T12',
    what: 'starts of a crashing server in 10 s and in 60 s, the first included',
    target: '<= 6, <= 12',
    measured: `${in10}, ${in60} (time hurried ${speed} x)`,
    ok: in10 <= 6 && in60 <= 12,
  }
}

/** When the server was started, in milliseconds of the supervisor. */
async function startsOf(faults) {
  const journal = createJournal()
  const clock = hurriedClock()
  const entry = faulty(faults, { env: { JOURNAL: journal.path } })
  const supervisor = createSupervisor({ mcpServers: { crashing: entry } }, { clock })
  const end = clock.now() + observedMs
  while (clock.now() < end) {
    await supervisor.callTool('crashing', 'echo', { text: 'x' }).catch(() => {}) // Failing is what it is here for.
    await sleep(10)
  }
  await supervisor.close()
  return journal.of('start').map(({ at }) => at * speed)
}

/** The most starts within any stretch of that length. */
function busiest(starts, ms) {
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + ms).length))
}

function hurriedClock() {
  return {
    now: () => performance.now() * speed,
    setTimeout: (fn, ms) => setTimeout(() => fn(), ms / speed).unref(),
    setHeldTimeout: (fn, ms) => setTimeout(() => fn(), ms / speed),
    clearTimeout,
  }
}
