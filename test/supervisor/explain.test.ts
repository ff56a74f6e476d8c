import { expect, test } from 'vitest'

import { errorCodes } from '../../src/index.js'
import { betrayal, canaries, found, seen } from '../support/fault-canaries.js'
import { httpServer, stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('tells of a server that was never used that it waits for its first use', async () => {
  const supervisor = supervise({ files: stdioServer() })
  await until(() => supervisor.status('files').state === 'idle')
  const { summary, remedy, timeline, calls, cause } = supervisor.explain('files')
  expect(summary).toBe('Server "files" is idle and starts on first use.')
  expect(remedy).toBe('')
  expect(cause).toBeUndefined()
  expect(calls).toEqual([])
  expect(timeline.map(({ from, to, because }) => [from, to, because])).toEqual([
    [null, 'uninitialized', 'it is configured'],
    ['uninitialized', 'idle', 'its configuration is resolved, nobody needs it yet'],
  ])
})

test('tells why a server that cannot start failed, with exit code, last words and what to do', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 3 } }, { retries: 1, minTimeoutMs: 5 })
  const supervisor = supervise({ files: server })
  await until(() => supervisor.status('files').state === 'idle')
  await errorOf(supervisor.connect('files'))

  const { summary, remedy, cause, status, timeline, stderr, maxAttempts, failedCalls } = supervisor.explain('files')
  expect(summary).toMatch(/^Server "files" has failed and is probed in \d+\.\d s: it exited with code 3/)
  expect(cause).toMatchObject({
    exitCode: 3,
    stderrTail: expect.stringContaining('fixture server exits with 3') as string,
  })
  expect(remedy).toBe(errorCodes[cause?.code ?? 'SHUTDOWN'].remedy)
  expect(status.state).toBe('failed')
  expect(maxAttempts).toBe(2)
  expect(stderr.map(({ line }) => line)).toContain('fixture server exits with 3')
  expect(timeline.map(({ to }) => to)).toEqual([
    'uninitialized',
    'idle',
    'connecting',
    'retrying',
    'connecting',
    'failed',
  ])
  expect(timeline.at(-1)).toMatchObject({ because: 'too many attempts failed in a row', error: { exitCode: 3 } })
  expect(failedCalls).toMatchObject([{ method: 'connect', failure: { code: cause?.code } }])
})

test('knows the last words of a server that was not ready in time', async () => {
  const server = stdioServer(
    { initialize: 'hang', stderr: { mode: 'text', text: 'waiting for a lock\n' } },
    { connectTimeoutMs: 2_000, retries: 0 },
  )
  const supervisor = supervise({ files: server })
  await errorOf(supervisor.connect('files'))
  const { cause, stderr } = supervisor.explain('files')
  expect(cause?.code).toBe('CONNECT_TIMEOUT')
  expect(stderr.map(({ line }) => line)).toContain('waiting for a lock')
})

test('lists the calls that wait and those in flight, never with their arguments', async () => {
  const supervisor = supervise({ files: stdioServer({}, { maxConcurrency: 1 }) })
  await supervisor.connect('files')
  const calls = [1, 2].map((n) => supervisor.callTool('files', 'sleep', { ms: 300 + n, password: 'hush' }))
  await until(() => supervisor.status('files').inFlight === 1)
  const { calls: open } = supervisor.explain('files')
  expect(open.map(({ method, tool, isInFlight }) => ({ method, tool, isInFlight }))).toEqual([
    { method: 'tools/call', tool: 'sleep', isInFlight: true },
    { method: 'tools/call', tool: 'sleep', isInFlight: false },
  ])
  expect(JSON.stringify(open)).not.toContain('hush')
  await Promise.all(calls)
  expect(supervisor.explain('files').calls).toEqual([])
})

test('never throws: not for unknown, disabled and invalid names, nor once closed', async () => {
  const supervisor = supervise({ off: { command: 'x', disabled: true }, bad: { command: 7 } })
  await until(() => supervisor.status('bad').state === 'failed')
  expect(supervisor.explain('off').summary).toMatch(/"disabled": true/)
  expect(supervisor.explain('bad').summary).toBe(
    'Server "bad" has failed and is not tried again by itself: "command" must be a string, got number.',
  )
  expect(supervisor.explain('bad')).toMatchObject({
    cause: { code: 'CONFIG_INVALID' },
    remedy: errorCodes.CONFIG_INVALID.remedy,
  })
  expect(supervisor.explain('nobody')).toMatchObject({
    summary: 'Server "nobody" is not configured, or its supervisor is closed.',
    remedy: errorCodes.SERVER_UNKNOWN.remedy,
    timeline: [],
  })
  await supervisor.close()
  expect(supervisor.explain('bad').timeline).toEqual([])
})

test('keeps the last transitions and calls only, however many there were', async () => {
  const supervisor = supervise({ files: stdioServer({ 'tools/call:fail': { mode: 'error' } }) })
  for (let n = 0; n < 25; n++) await errorOf(supervisor.callTool('files', 'fail'))
  expect(supervisor.explain('files').failedCalls).toHaveLength(10)
  for (let n = 0; n < 12; n++) await supervisor.restart('files')
  expect(supervisor.explain('files').timeline).toHaveLength(32)
})

test('holds no secret of the entry', async () => {
  const { fixture, entry } = await httpServer(
    { initialize: { do: 'status', status: 500, body: betrayal } },
    { retries: 0 },
    { Authorization: `Bearer ${canaries.bearer}` },
  )
  const supervisor = supervise({ far: { ...entry, url: `${fixture.url}?key=${canaries.query}` } })
  await errorOf(supervisor.connect('far'))
  const explanation = supervisor.explain('far')
  expect(explanation.cause).toBeDefined()
  expect(found(seen(explanation)).filter((form) => [canaries.bearer, canaries.query].includes(form as never))).toEqual(
    [],
  )
})
