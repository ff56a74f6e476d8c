import { execFile } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createSupervisor } from '../../src/index.js'
import { configOf, httpServer, isRunning, stdioServer, supervise } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const execute = promisify(execFile)
const stubborn = { end: 'ignore', term: 'ignore' }

test('S79: close ends each server exactly once, however often it is called', async () => {
  const [first, second] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ first, second, unused: stdioServer() })
  await Promise.all([supervisor.connect('first'), supervisor.connect('second')])

  const [report, again] = await Promise.all([supervisor.close(), supervisor.close()])

  expect(report).toEqual({ total: 3, closed: 3, errors: {}, endedBy: { first: 'stdin', second: 'stdin' } })
  expect(again).toBe(report)
  expect([...first.pids(), ...second.pids()].filter(isRunning)).toEqual([])
  for (const { journal } of [first, second]) {
    expect(journal.lines().filter(({ event }) => event === 'stdin-end')).toHaveLength(1)
  }
})

test('S80: a server that is gone, or refuses to end its session, keeps no other from being closed', async () => {
  const [gone, good] = [stdioServer({}, { minTimeoutMs: 60_000 }), stdioServer()]
  const refusing = await httpServer({ DELETE: 'hang' }, { shutdownTimeoutMs: 100 })
  const supervisor = supervise({ gone, refusing, good })
  await Promise.all(['gone', 'refusing', 'good'].map((name) => supervisor.connect(name)))
  await errorOf(supervisor.callTool('gone', 'crash'))

  const report = await supervisor.close()

  expect(report).toMatchObject({ total: 3, closed: 3, errors: {}, endedBy: { refusing: 'http', good: 'stdin' } })
  expect(good.pids().filter(isRunning)).toEqual([])
})

test('S81 (F11): after close there are no servers, no statuses and no configuration', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server, invalid: {} })
  await supervisor.connect('server')

  await supervisor.close()

  expect(supervisor.servers()).toEqual([])
  expect(supervisor.statuses()).toEqual([])
  expect(supervisor.config()).toEqual({ mcpServers: {} })
  expect(supervisor.status('server')).toMatchObject({ state: 'closed', connected: false, error: '' })
})

test('S82: closing a supervisor without servers does nothing', async () => {
  const report = await supervise({}).close()

  expect(report).toEqual({ total: 0, closed: 0, errors: {}, endedBy: {} })
})

test('S83 (F12): servers that ignore everything but SIGKILL are ended at the same time', async () => {
  const shutdownTimeoutMs = 1_500
  const [first, second, third] = [1, 2, 3].map(() => stdioServer(stubborn, { shutdownTimeoutMs }))
  const supervisor = supervise({ first, second, third })
  await Promise.all(['first', 'second', 'third'].map((name) => supervisor.connect(name)))

  const startedAt = performance.now()
  const report = await supervisor.close()
  const tookMs = performance.now() - startedAt

  const oneLadderMs = 2 * shutdownTimeoutMs
  expect(report.endedBy).toEqual({ first: 'SIGKILL', second: 'SIGKILL', third: 'SIGKILL' })
  expect(tookMs).toBeGreaterThan(oneLadderMs)
  expect(tookMs).toBeLessThan(2 * oneLadderMs)
  expect(first?.journal.lines().map(({ event }) => event)).toEqual(expect.arrayContaining(['stdin-end', 'SIGTERM']))
})

test('S84: a call after close is refused and starts nothing', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  await supervisor.close()

  for (const use of [
    supervisor.callTool('server', 'pid'),
    supervisor.connect('server'),
    supervisor.listTools('server'),
  ]) {
    expect(await errorOf(use)).toMatchObject({ code: 'SHUTDOWN', server: 'server', delivered: 'no', retryable: false })
  }
  expect(server.pids()).toEqual([])
})

test('S85: a ready server does not hold its host, which can close as its last act', async () => {
  const server = stdioServer()
  const host = fileURLToPath(new URL('../support/close-at-exit.mjs', import.meta.url))

  const { stdout } = await execute(process.execPath, [host, JSON.stringify(configOf({ server }))], { timeout: 15_000 })

  const [pid] = server.pids()
  expect(JSON.parse(stdout)).toEqual({
    pid,
    state: 'ready',
    report: { total: 1, closed: 1, errors: {}, endedBy: { server: 'stdin' } },
  })
  expect(isRunning(Number(pid))).toBe(false)
})

test('S86: a summary of the close is logged', async () => {
  const log = new PassThrough({ encoding: 'utf8' })
  const supervisor = createSupervisor(configOf({ server: stdioServer(), invalid: {} }), { logger: pino(log) })

  await supervisor.close()
  log.end()

  const records = (await log.toArray())
    .join('')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(records).toContainEqual(
    expect.objectContaining({
      level: 30,
      event: 'supervisor.closed',
      msg: 'closed 2 of 2 servers',
      report: expect.anything(),
    }),
  )
})
