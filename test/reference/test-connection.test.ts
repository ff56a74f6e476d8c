import { expect, test } from 'vitest'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { createHurriedClock } from '../support/hurried-clock.js'
import { errorOf } from '../support/rejection.js'

const exits = { start: { mode: 'exit', code: 3 } }

test('S29: an attempt has 5000 ms by default', async () => {
  const clock = createHurriedClock(50)
  const server = stdioServer({ initialize: 'hang' })
  const supervisor = supervise({ server }, { clock })

  expect(await supervisor.testConnection('server', { attempts: 1 })).toBe(false)
  // A millisecond may pass between the booking of the attempt and its timer, which is 50 of the clock.
  expect(clock.delays.filter((ms) => ms > 4_500 && ms <= 5_000)).not.toEqual([])
})

test('S29: three attempts are made by default, whatever the retries of the server', async () => {
  const server = stdioServer(exits)
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server')).toBe(false)
  expect(server.pids()).toHaveLength(3)
})

test('S30: an attempt connects and lists the tools, and the connection is kept', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server')).toBe(true)

  expect(server.received('initialize')).toBe(1)
  expect(server.received('tools/list')).toBeGreaterThan(0)
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', pid: server.pids()[0] })
})

test('S30: a server that does not list its tools within the deadline fails the attempt', async () => {
  const server = stdioServer({ 'tools/list': 'hang' }, { listTimeoutMs: 200 })
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server', { timeoutMs: 1_000, attempts: 1 })).toBe(false)
})

test('S31: the first success ends it, with the server connected and no error', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server', { attempts: 5 })).toBe(true)

  expect(server.pids()).toHaveLength(1)
  expect(supervisor.status('server')).toMatchObject({ connected: true, error: '' })
})

test('S32: the second attempt follows half a second after the first', async () => {
  const server = stdioServer(exits, { retries: 0 })
  const supervisor = supervise({ server })

  const startedAt = performance.now()
  await supervisor.testConnection('server', { attempts: 2 })

  expect(performance.now() - startedAt).toBeGreaterThan(500)
  expect(server.pids()).toHaveLength(2)
})

test('S33 (F6): when all attempts fail it resolves false and the status tells the cause', async () => {
  const server = stdioServer(exits, { retries: 0 })
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server', { attempts: 2 })).toBe(false)

  expect(supervisor.status('server')).toMatchObject({ connected: false, state: 'failed' })
  expect(supervisor.status('server').error).toContain('exited with code 3')
})

test('S34: a server that fails once and then works is connected after exactly two attempts', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 3, first: 1 } }, { retries: 0 })
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server')).toBe(true)
  expect(server.pids()).toHaveLength(2)
})

test('S35 (F15): a failure that waiting cannot mend is not tried again', async () => {
  const supervisor = supervise({ server: { command: '/nowhere/to/be/found' } })
  const states: string[] = []
  supervisor.on('state.changed', ({ to }) => void states.push(to))

  expect(await supervisor.testConnection('server')).toBe(false)

  expect(states.filter((state) => state === 'connecting')).toHaveLength(1)
  expect(supervisor.status('server').error).toContain('/nowhere/to/be/found')
})

test('S36: no attempts is no connection, and false at once', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server', { attempts: 0 })).toBe(false)

  expect(server.pids()).toEqual([])
  expect(supervisor.status('server')).toMatchObject({ connected: false, error: '' })
})

test('S37: an unknown or an invalid server rejects before any attempt', async () => {
  const supervisor = supervise({ invalid: {} })

  expect(await errorOf(supervisor.testConnection('nobody'))).toMatchObject({ code: 'SERVER_UNKNOWN' })
  expect(await errorOf(supervisor.testConnection('invalid'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
})

test('S37: an abort between two attempts rejects as aborted', async () => {
  const server = stdioServer(exits, { retries: 0 })
  const supervisor = supervise({ server })
  const caller = new AbortController()

  const tested = errorOf(supervisor.testConnection('server', { signal: caller.signal }))
  await until(() => supervisor.status('server').state === 'failed')
  caller.abort(new Error('enough'))

  expect(await tested).toMatchObject({ code: 'CALL_ABORTED', server: 'server', cause: { message: 'enough' } })
  expect(server.pids()).toHaveLength(1)
})
