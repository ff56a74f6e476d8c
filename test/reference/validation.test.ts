import { expect, test } from 'vitest'
import type { Switches } from '../fixtures/servers/http.mjs'
import { configOf, httpServer, stdioServer, supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** What the status of a server tells of its entry. */
const errorFor = (entry: unknown) => supervise({ it: entry }).status('it').error

test('S12: an entry with neither command nor url is told to have one', () => {
  expect(errorFor({})).toBe('Server "it" must specify either "command" (stdio) or "url" (HTTP) transport')
})

test('S13: an entry with both command and url is told to have one', () => {
  expect(errorFor({ command: 'node', url: 'http://127.0.0.1/mcp' })).toBe(
    'Server "it" cannot have both "command" and "url"',
  )
})

test('S14: "command" that is neither a string nor an array of strings is refused', () => {
  expect(errorFor({ command: 42 })).toMatch(/^Server "it": "command" must be a string/)
})

test('S15: "args" that is no array is refused, and without it there are no arguments', async () => {
  expect(errorFor({ command: 'node', args: 'server.js' })).toMatch(/^Server "it": "args" must be an array/)

  const { entry } = stdioServer()
  const { args: [path] = [], ...withoutArgs } = entry
  const supervisor = supervise({ it: { ...withoutArgs, command: [process.execPath, path] } })
  expect(textOf(await supervisor.callTool('it', 'argv'))).toBe('[]')
})

test('S16: "env" that is no object is refused, and its values are not shown', () => {
  expect(errorFor({ command: 'node', env: 'TOKEN=top-secret' })).toMatch(/^Server "it": "env" must be an object/)
  expect(errorFor({ command: 'node', env: 'TOKEN=top-secret' })).not.toContain('top-secret')
})

test('S17: "url" that is no string is refused', () => {
  expect(errorFor({ url: 42 })).toMatch(/^Server "it": "url" must be a string/)
})

test('S18: "headers" that is no object is refused, and its values are not shown', () => {
  const headers = ['Authorization: Bearer top-secret']
  expect(errorFor({ url: 'http://127.0.0.1/mcp', headers })).toMatch(/^Server "it": "headers" must be an object/)
  expect(errorFor({ url: 'http://127.0.0.1/mcp', headers })).not.toContain('top-secret')
})

test('S19 (F22): the types within args, env and headers and the scheme of the URL are checked here and nowhere else', () => {
  expect(errorFor({ command: 'node', args: [{}] })).toMatch(/^Server "it": "args/)
  expect(errorFor({ command: 'node', env: { A: {} } })).toMatch(/^Server "it": "env/)
  expect(errorFor({ url: 'http://127.0.0.1/mcp', headers: { A: {} } })).toMatch(/^Server "it": "headers/)
  expect(errorFor({ url: 'ftp://127.0.0.1/mcp' })).toMatch(/^Server "it": "url" must be an http or https URL/)
})

test.each([
  [null, 'null'],
  [[], 'array'],
  ['node', 'string'],
  [42, 'number'],
])('S20 (F22): an entry that is %j is refused for its type', (entry, type) => {
  expect(errorFor(entry)).toBe(`Server "it" must be an object, got ${type}`)
})

test('S21: unknown keys do no harm, and a known one is passed through', async () => {
  const server = stdioServer()
  const supervisor = supervise({ it: { ...server.entry, cwd: '/', description: 'a server', whatever: { deep: true } } })

  expect(textOf(await supervisor.callTool('it', 'echo', { text: 'fine' }))).toBe('fine')
  expect(server.journal.lines()[0]).toMatchObject({ event: 'start', cwd: '/' })
})

test('S22: a stdio server is built from its entry alone, and "oauth" means nothing to it', async () => {
  const server = stdioServer()
  const supervisor = supervise({ it: { ...server.entry, oauth: { clientId: 'me' } } })

  await supervisor.connect('it')

  expect(supervisor.status('it')).toMatchObject({ state: 'ready', transport: 'stdio', error: '' })
})

/** Connects to an HTTP server that refuses, and returns what it was asked. */
async function refusedBy(faults: Switches, headers: Record<string, string>) {
  const { fixture, entry } = await httpServer(faults, {}, headers)
  const error = await errorOf(supervise({ it: entry }).connect('it'))
  return { error, requests: fixture.journal.filter(({ http }) => http !== undefined) }
}

test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
  'S23: with the header %s the given headers are sent, and a refusal starts no authorization',
  async (name) => {
    const { error, requests } = await refusedBy(
      { '*': { do: 'status', status: 401 } },
      { [name]: 'Bearer top-secret', 'X-Custom': 'kept' },
    )

    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      path: '/mcp',
      headers: { authorization: 'Bearer top-secret', 'x-custom': 'kept' },
    })
    expect(error).toMatchObject({ httpStatus: 401, retryable: false })
    expect(JSON.stringify(error)).not.toContain('top-secret')
  },
)

test('S24 (F13): without Authorization the given headers are sent all the same, and nobody is asked to authorize', async () => {
  const server = await httpServer({}, {}, { 'X-Custom': 'kept' })
  const supervisor = supervise({ server })

  const seen: unknown = JSON.parse(textOf(await supervisor.callTool('server', 'headers')))

  expect(seen).toMatchObject({ 'x-custom': 'kept' })
  expect(seen).not.toHaveProperty('authorization')
  expect(new Set(server.fixture.requests('POST').map(({ path }) => path))).toEqual(new Set(['/mcp']))
  expect(configOf({ server })).toEqual(supervisor.config())
})

test('S24 (F13): authorization is a matter of a refusal, which says so', async () => {
  const { error } = await refusedBy({ '*': { do: 'status', status: 401 } }, { 'X-Custom': 'kept' })

  expect(error).toMatchObject({ code: 'AUTH_REQUIRED', httpStatus: 401, retryable: false })
})
