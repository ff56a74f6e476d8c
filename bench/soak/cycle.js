import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { echo, faulty } from '../reliability/fixtures.js'

const policy = { minTimeoutMs: 10, stableAfterMs: 1, maxRestarts: 1_000, shutdownTimeoutMs: 1_000 }

/** Comes and goes with each cycle, under one of a few names. */
const guestOf = (n) => `guest-${n % 8}`

/**
 * One life after another: every cycle changes one server, replaces another by one of another name, calls in every way that
 * a caller can end a call, kills, and opens and closes a second supervisor beside the first.
 */
export function createSoak({ url, mark, random }) {
  /** One signal for the whole run: no call may leave a listener on it. */
  const lasting = new AbortController().signal

  const configOf = (n) => ({
    mcpServers: {
      steady: { url, supervisor: policy },
      process: faulty({}, { env: { SOAK: mark, CYCLE: String(n) }, supervisor: policy }),
      [guestOf(n)]: { url, headers: { 'x-cycle': String(n) }, supervisor: policy },
    },
  })
  const supervisor = createSupervisor(configOf(0))

  async function callInEveryWay(name) {
    const slow = (options) => supervisor.callTool(name, 'sleep', { ms: 5_000 }, options)
    const given = new AbortController()
    const calls = [
      ...Array.from({ length: 20 }, (_, n) => supervisor.callTool(name, 'echo', { text: `${n}` }, { signal: lasting })),
      ...Array.from({ length: 5 }, () => slow({ timeoutMs: 20 + 20 * random() })),
      ...Array.from({ length: 5 }, () => slow({ signal: given.signal, onProgress() {} })),
    ]
    setTimeout(() => given.abort(), 20 + 20 * random())
    const outcomes = await Promise.allSettled(calls)
    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length
    if (answered !== 20) throw new Error(`20 of 30 calls to "${name}" must be answered, got ${answered}`)
  }

  async function kill() {
    const inFlight = Promise.allSettled([supervisor.callTool('process', 'sleep', { ms: 5_000 }, { signal: lasting })])
    await sleep(5)
    process.kill(supervisor.status('process').pid, 'SIGKILL')
    await inFlight
    await supervisor.callTool('process', 'echo', { text: 'again' }, { signal: lasting })
  }

  async function openAndCloseAnother(n) {
    const servers = n % 4 === 0 ? { web: { url }, local: echo({}, { SOAK: mark }) } : { web: { url } }
    const other = createSupervisor({ mcpServers: servers })
    const leave = new AbortController()
    const told = other.events({ signal: leave.signal }).next()
    await Promise.all(Object.keys(servers).map((name) => other.callTool(name, 'echo', { text: 'x' })))
    await told
    leave.abort()
    await other.close()
  }

  return {
    lasting,
    async cycle(n) {
      const report = await supervisor.reload(configOf(n))
      if (!report.ok) throw report.error
      await Promise.all(supervisor.servers().map((name) => supervisor.connect(name, { signal: lasting })))
      await Promise.all(['steady', 'process', guestOf(n)].map(callInEveryWay))
      await kill()
      const again = await supervisor.reload(configOf(n))
      if (!again.ok || again.unchanged.length !== 3)
        throw new Error(`an equal configuration must change nothing: ${JSON.stringify(again)}`)
      await openAndCloseAnother(n)
    },
    close: () => supervisor.close(),
  }
}
