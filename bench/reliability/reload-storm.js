import { createSupervisor } from 'mcpvisor'

import { startHttpServer } from '../../test/fixtures/servers/http.mjs'
import { createJournal, faulty } from './fixtures.js'
import { onceOnly } from './once-only.js'

const reloads = 500
const fewestCalls = 10_000
/** A process takes long to start: it changes only with every so many reloads, the HTTP server with each. */
const processEvery = 12
const callersPerServer = 4

/**
 * 500 reloads under calls. Two servers change their generation, two stay equal although every configuration is written
 * with another order of keys. Resolves to the calls, which generation executed each, and what became of the steady two.
 */
export const reloadStorm = onceOnly(async () => {
  const journal = createJournal()
  const steadyJournal = createJournal()
  const web = await startHttpServer()
  const steadyWeb = await startHttpServer()

  function configOf(n) {
    const generation = Math.floor(n / processEvery) * processEvery
    const env = n % 2 ? { A: '1', JOURNAL: steadyJournal.path } : { JOURNAL: steadyJournal.path, A: '1' }
    const servers = {
      web: { url: web.url, headers: { 'x-generation': String(n) } },
      process: faulty({}, { env: { JOURNAL: journal.path }, args: [`generation=${generation}`] }),
      'steady-process': faulty({}, { env }),
      'steady-web': { url: steadyWeb.url, description: `the ${n}th` },
    }
    return { mcpServers: Object.fromEntries(n % 2 ? Object.entries(servers) : Object.entries(servers).reverse()) }
  }

  const supervisor = createSupervisor(configOf(0))
  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))
  const steadyPid = supervisor.status('steady-process').pid
  const steadySession = steadyWeb.sessions.join()
  let steadyEvents = 0
  supervisor.on('state.changed', ({ server }) => (steadyEvents += server.startsWith('steady')))

  /** When the reload to each generation had resolved, by server. */
  const resolvedAt = { web: new Map([[0, 0]]), process: new Map([[0, 0]]) }
  const history = []
  const generations = new Map()
  let isOver = false

  async function caller(server) {
    while (!isOver) {
      const key = String(history.length)
      const call = { key, server, issuedAt: performance.now() }
      history.push(call)
      const tool = server === 'web' ? 'headers' : 'echo'
      try {
        const { content } = await supervisor.callTool(server, tool, { text: key })
        if (server === 'web') generations.set(key, Number(JSON.parse(content[0].text)['x-generation']))
      } catch ({ code }) {
        call.failure = code
      }
    }
  }
  const callers = supervisor
    .servers()
    .flatMap((server) => Array.from({ length: callersPerServer }, () => caller(server)))

  let refused = 0
  for (let n = 1; n <= reloads; n++) {
    const { ok } = await supervisor.reload(configOf(n))
    if (!ok) refused++
    resolvedAt.web.set(n, performance.now())
    if (n % processEvery === 0) resolvedAt.process.set(n, performance.now())
    while (history.length < (fewestCalls / reloads) * n) await new Promise(setImmediate)
  }
  isOver = true
  await Promise.all(callers)

  const isUntouched =
    supervisor.status('steady-process').pid === steadyPid &&
    steadyWeb.sessions.join() === steadySession &&
    steadyEvents === 0
  await supervisor.close()

  const started = new Map(journal.of('start').map(({ pid, argv }) => [pid, Number(argv.at(-1).split('=')[1])]))
  for (const { pid, input } of journal.of('executed')) generations.set(input.text, started.get(pid))
  await Promise.all([web.close(), steadyWeb.close()])
  return { reloads, refused, history, generations, resolvedAt, isUntouched }
})
