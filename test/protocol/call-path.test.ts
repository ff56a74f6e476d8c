import { describe, expect, it } from 'vitest'

import type { RequestOptions, Supervisor } from '../../src/index.js'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

type Request = (supervisor: Supervisor, server: string, options: RequestOptions) => Promise<unknown>

/** Every method that asks a server for something, and by which request. */
const requests: readonly (readonly [string, Request])[] = [
  ['tools/call', (supervisor, server, options) => supervisor.callTool(server, 'echo', { text: 'hi' }, options)],
  ['tools/list', (supervisor, server, options) => supervisor.listTools(server, { refresh: true, ...options })],
  ['resources/list', (supervisor, server, options) => supervisor.listResources(server, options)],
  ['resources/templates/list', (supervisor, server, options) => supervisor.listResourceTemplates(server, options)],
  ['resources/read', (supervisor, server, options) => supervisor.readResource(server, 'file:///a', options)],
  ['resources/subscribe', (supervisor, server, options) => supervisor.subscribe(server, 'file:///a', options)],
  ['resources/unsubscribe', (supervisor, server, options) => supervisor.unsubscribe(server, 'file:///a', options)],
  ['prompts/list', (supervisor, server, options) => supervisor.listPrompts(server, options)],
  ['prompts/get', (supervisor, server, options) => supervisor.getPrompt(server, 'p', {}, options)],
  [
    'completion/complete',
    (supervisor, server, options) =>
      supervisor.complete(server, { type: 'ref/prompt', name: 'p' }, { name: 'a', value: '' }, options),
  ],
  ['logging/setLevel', (supervisor, server, options) => supervisor.setLogLevel(server, 'info', options)],
  ['ping', (supervisor, server, options) => supervisor.ping(server, options)],
]

/** A server that has everything and meets each request so. */
async function serverThat(fault: string | object) {
  const faults = Object.fromEntries(requests.map(([method]) => [method, fault]))
  const server = stdioServer({ offers: 'everything', ...faults }, { listTimeoutMs: 1_000 })
  const supervisor = supervise({ server })
  // A server that cannot list is ready all the same.
  await supervisor.connect('server')
  return { server, supervisor }
}

/** What each request fails with. */
async function failuresOf(supervisor: Supervisor, name: string, options: RequestOptions = {}) {
  const failures = requests.map(async ([method, ask]) => {
    const { code, delivered, server, mcp } = await errorOf(ask(supervisor, name, options))
    return [method, { code, delivered, server, mcp: mcp?.code }] as const
  })
  return Object.fromEntries(await Promise.all(failures))
}

const each = (failure: object) =>
  Object.fromEntries(requests.map(([method]) => [method, { mcp: undefined, ...failure }]))

describe('every request of a caller', () => {
  it('has a deadline of its own, and ends when its caller gives up or its server is lost', async () => {
    const { server, supervisor } = await serverThat('hang')
    const timeouts = await failuresOf(supervisor, 'server', { timeoutMs: 300 })
    expect(timeouts).toEqual(each({ code: 'CALL_TIMEOUT', delivered: 'maybe', server: 'server' }))

    const giveUp = new AbortController()
    const aborted = failuresOf(supervisor, 'server', { signal: giveUp.signal })
    await until(() => requests.every(([method]) => server.received(method) >= 2))
    giveUp.abort()
    expect(await aborted).toEqual(each({ code: 'CALL_ABORTED', delivered: 'maybe', server: 'server' }))
    await until(() => server.received('notifications/cancelled') >= 2 * requests.length)

    const lost = failuresOf(supervisor, 'server')
    await until(() => requests.every(([method]) => server.received(method) >= 3))
    process.kill(server.pids()[0] as number, 'SIGKILL')
    expect(await lost).toEqual(each({ code: 'CONNECTION_LOST', delivered: 'maybe', server: 'server' }))
  })

  it('is answered with the error of the server, kept as it came', async () => {
    const { supervisor } = await serverThat({ mode: 'error', code: -32001, message: 'not today' })
    const failure = { code: 'MCP_ERROR', delivered: 'yes', server: 'server', mcp: -32001 }
    expect(await failuresOf(supervisor, 'server')).toEqual(each(failure))
  })

  it('names a server that is configured, and begins before its supervisor closes', async () => {
    const supervisor = supervise({ server: stdioServer() })
    const unknown = { code: 'SERVER_UNKNOWN', delivered: 'no', server: 'nowhere' }
    expect(await failuresOf(supervisor, 'nowhere')).toEqual(each(unknown))
    await supervisor.close()
    expect(await failuresOf(supervisor, 'server')).toEqual(
      each({ code: 'SHUTDOWN', delivered: 'no', server: 'server' }),
    )
  })
})
