import { expect, test } from 'vitest'
import { stdioServer, supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('S25: a name means the same server each time, and looking at it does not connect', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  supervisor.status('server')
  supervisor.statuses()
  expect(server.pids()).toEqual([])

  const pids = [await supervisor.callTool('server', 'pid'), await supervisor.callTool('server', 'pid')].map(textOf)
  expect(pids).toEqual([pids[0], pids[0]])
  expect(supervisor.status('server').pid).toBe(Number(pids[0]))
})

test('S26: an invalid server is unavailable, with the recorded error', async () => {
  const supervisor = supervise({ broken: {} })

  for (const use of [
    supervisor.connect('broken'),
    supervisor.callTool('broken', 'echo'),
    supervisor.listTools('broken'),
  ]) {
    const error = await errorOf(use)
    expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', server: 'broken', retryable: false })
    expect(error.message).toBe(
      'Server "broken" is unavailable: Server "broken" must specify either "command" (stdio) or "url" (HTTP) transport',
    )
  }
})

test('S27: a name that is not configured is unknown', async () => {
  const supervisor = supervise({})

  for (const use of [
    supervisor.connect('nobody'),
    supervisor.callTool('nobody', 'echo'),
    supervisor.restart('nobody'),
  ]) {
    const error = await errorOf(use)
    expect(error).toMatchObject({ code: 'SERVER_UNKNOWN', server: 'nobody', delivered: 'no' })
    expect(error.message).toBe('Server "nobody" not found in configured servers')
  }
})

test('S28: a server that failed testConnection can still be connected and used', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 3, first: 1 } }, { retries: 0 })
  const supervisor = supervise({ server })

  expect(await supervisor.testConnection('server', { attempts: 1 })).toBe(false)
  expect(supervisor.status('server')).toMatchObject({ state: 'failed', initialized: true })

  await supervisor.connect('server')
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'back' }))).toBe('back')
})
