import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { expect, test } from 'vitest'
import { createSupervisor } from '../../src/index.js'
import { stdioServer, supervise, textOf } from '../support/fixture-servers.js'
import { shellServer, shellServers } from '../support/fault-shell-server.js'
import { errorOf } from '../support/rejection.js'

test('C05: ten thousand calls at once to one server are answered, each with its own answer', async () => {
  const supervisor = supervise({ server: shellServer({ maxQueue: 10_000 }) })
  const texts = Array.from({ length: 10_000 }, (_, n) => `text ${n}`)
  const answers = await Promise.all(texts.map((text) => supervisor.callTool('server', 'echo', { text })))
  expect(answers.map(textOf)).toEqual(texts)
}, 60_000)

test('C05 C15: ten thousand calls at once to a hundred servers that are not connected yet are answered', async () => {
  const supervisor = supervise(shellServers(100))
  const calls = Array.from({ length: 10_000 }, (_, n) => ({ server: `s${n % 100}`, text: `text ${n}` }))
  const answers = await Promise.all(calls.map(({ server, text }) => supervisor.callTool(server, 'echo', { text })))
  expect(answers.map(textOf)).toEqual(calls.map(({ text }) => text))
  expect(supervisor.statuses().every(({ state, generation }) => state === 'ready' && generation === 1)).toBe(true)
}, 60_000)

test('C15: servers start no more at a time than they may, and the deadline of each begins with its turn', async () => {
  const servers = Array.from({ length: 6 }, () =>
    stdioServer({ start: { mode: 'slow', ms: 500 } }, { connectTimeoutMs: 2_900, retries: 0 }),
  )
  const supervisor = supervise(Object.fromEntries(servers.map((server, n) => [`s${n}`, server])), { maxStarting: 1 })

  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))

  const spans = servers.map(({ journal }) => {
    const lines = journal.lines()
    return { start: lines[0]?.at ?? 0, listed: lines.find(({ method }) => method === 'tools/list')?.at ?? 0 }
  })
  const inOrder = spans.toSorted((a, b) => a.start - b.start)
  for (const [n, { start }] of inOrder.entries()) expect(start).toBeGreaterThanOrEqual(inOrder[n - 1]?.listed ?? 0)
})

test('C15: a server that hangs delays the others no longer than its own deadline', async () => {
  const hanging = stdioServer({ initialize: 'hang' }, { connectTimeoutMs: 800, retries: 0 })
  const supervisor = supervise({ hanging, good: stdioServer({}, { connectTimeoutMs: 5_000 }) }, { maxStarting: 1 })
  const hung = errorOf(supervisor.connect('hanging'))
  await supervisor.connect('good')
  expect(await hung).toMatchObject({ code: 'CONNECT_TIMEOUT' })
  expect(supervisor.status('good')).toMatchObject({ state: 'ready', generation: 1 })
})

test('C15: who gives up while he waits for his turn leaves the line', async () => {
  const hanging = stdioServer({ initialize: 'hang' }, { connectTimeoutMs: 60_000 })
  const waiting = stdioServer()
  const supervisor = supervise({ hanging, waiting }, { maxStarting: 1 })
  const hung = errorOf(supervisor.connect('hanging'))
  const error = await errorOf(supervisor.connect('waiting', { signal: AbortSignal.timeout(200) }))
  expect(error).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no' })

  await supervisor.close()

  expect((await hung).code).toBe('SHUTDOWN')
  expect(waiting.pids()).toEqual([])
})

test.each([0, -1, 1.5, Number.NaN])('C15: %s is no number of servers that may start', (maxStarting) => {
  expect(() => createSupervisor({}, { maxStarting })).toThrow(/"options.maxStarting" must be an integer >= 1/)
})

test('C14: a thousand configured servers hold no process, little memory, and tell their status at once', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const servers = shellServers(1_000)
  async function opened() {
    const supervisor = supervise(servers)
    while (supervisor.statuses().some(({ state }) => state !== 'idle'))
      await new Promise((resolve) => setImmediate(resolve))
    return supervisor
  }
  // Code that is compiled at its first use is no cost of a server.
  await (await opened()).close()
  gc()
  const before = process.memoryUsage().heapUsed
  const supervisor = await opened()
  gc()

  const startedAt = performance.now()
  const statuses = supervisor.statuses()
  const tookMs = performance.now() - startedAt

  expect(statuses.filter(({ state, generation }) => state === 'idle' && generation === 0)).toHaveLength(1_000)
  expect(tookMs).toBeLessThan(500)
  expect((process.memoryUsage().heapUsed - before) / 1_000).toBeLessThan(10 * 1024)
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap')).toEqual([])
})
