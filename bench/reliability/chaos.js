import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { createJournal, faulty } from './fixtures.js'
import { onceOnly } from './once-only.js'
import { seededRandom } from './statistics.js'
import { startHttpServer } from '../../test/fixtures/servers/http.mjs'

const calls = 60_000
const callersPerServer = 12
const killEveryMs = 250
/** What a call may be late by, beside a plain timer of the same time. */
const slackMs = 500

const policy = {
  callTimeoutMs: 2_000,
  minTimeoutMs: 5,
  maxTimeoutMs: 100,
  stableAfterMs: 50,
  maxRestarts: 1_000_000,
  retries: 1_000,
  shutdownTimeoutMs: 1_000,
}

/** Mostly a late answer, now and then everything else that can happen to a call. */
const moods = [
  ...Array.from({ length: 150 }, () => 'late'),
  'duplicate',
  'unknown-id',
  'odd-notifications',
  'hang',
  'error',
  'exit',
  'exit-after',
  'half',
  'close-stdout',
]
const chaotic = (seed) => ({ 'tools/call': { mode: 'chaos', seed, of: moods, ms: 1 } })

const httpMoods = [
  {},
  { 'tools/call': { do: 'reset', execute: true, after: 20 } },
  { 'tools/call': { do: 'cut-body', after: 20 } },
  { 'tools/call': { do: 'end-stream', execute: true, after: 20 } },
  { 'tools/call': { do: 'status', status: 503, after: 20 } },
  { 'tools/call': { do: 'reset', after: 20 } },
]

/**
 * Calls by impatient callers of servers in every mood: some break by chance, one is killed from outside, one is an HTTP
 * server that resets, forgets and refuses. Resolves to the history of every call and what the servers' journals say.
 */
export const chaos = onceOnly(async () => {
  const random = seededRandom(7)
  const journals = Object.fromEntries(['moody-1', 'moody-2', 'killed'].map((name) => [name, createJournal()]))
  const web = await startHttpServer()
  const local = (name, faults) => faulty(faults, { env: { JOURNAL: journals[name].path }, supervisor: policy })
  const supervisor = createSupervisor({
    mcpServers: {
      'moody-1': local('moody-1', chaotic(1)),
      'moody-2': local('moody-2', chaotic(2)),
      killed: local('killed', {}),
      web: { url: web.url, supervisor: policy },
    },
  })
  const settled = new Map()
  supervisor.on(
    'call.settled',
    ({ callId, method }) => method === 'tools/call' && settled.set(callId, (settled.get(callId) ?? 0) + 1),
  )

  const history = []
  let kills = 0
  let isOver = false

  async function call(server) {
    const key = `${server}:${history.length}`
    const entry = { key, server }
    history.push(entry)
    const timeoutMs = 100 + Math.floor(random() * 400)
    const abort = random() < 0.1 ? new AbortController() : undefined
    const abortMs = random() * 20
    if (abort) setTimeout(() => abort.abort(), abortMs)
    let dueAt = Infinity
    const due = setTimeout(() => (dueAt = performance.now()), abort ? abortMs : timeoutMs)
    try {
      const result = await supervisor.callTool(server, 'echo', { text: key }, { timeoutMs, signal: abort?.signal })
      entry.outcome = { ok: true, isOwn: result.content[0].text === key }
    } catch ({ code, delivered }) {
      entry.outcome = { ok: false, code, delivered }
    }
    clearTimeout(due)
    entry.lateMs = Math.max(0, performance.now() - dueAt)
  }

  async function caller(server) {
    while (history.length < calls) {
      await call(server)
      await sleep(1)
    }
  }

  async function trouble() {
    while (!isOver) {
      await sleep(killEveryMs)
      const { pid } = supervisor.status('killed')
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL')
        kills++
      }
      web.set(httpMoods[Math.floor(random() * httpMoods.length)])
      if (random() < 0.2) web.forgetSessions()
      if (random() < 0.2) web.resetSockets()
    }
  }

  const troubled = trouble()
  const callers = supervisor
    .servers()
    .flatMap((server) => Array.from({ length: callersPerServer }, () => caller(server)))
  await Promise.all(callers)
  isOver = true
  await troubled
  await supervisor.close()

  const executions = new Map()
  const count = (server, key) => executions.set(key, [...(executions.get(key) ?? []), server])
  for (const [name, journal] of Object.entries(journals))
    for (const { input } of journal.of('executed')) count(name, input.text)
  for (const { arguments: input } of web.calls('echo')) count('web', input.text)
  const crashes = Object.values(journals).reduce((sum, journal) => sum + journal.of('start').length - 1, 0)
  await web.close()
  return { history, settled, executions, kills, crashes, slackMs }
})
