import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { McpServer } from '@modelcontextprotocol/server'
import { describe, expect, it, test } from 'vitest'

import type { Supervisor } from '../../src/index.js'
import { stdioServer, supervise } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { httpSurface } from './surfaces.js'

const run = promisify(execFile)
const outputSchema = {
  type: 'object',
  properties: { place: { type: 'object', properties: { degrees: { type: 'number' } }, required: ['degrees'] } },
  required: ['place'],
}
const weather = { name: 'weather', inputSchema: { type: 'object' }, outputSchema }
const right = { content: [], structuredContent: { place: { degrees: 21 } } }
const wrong = { content: [], structuredContent: { place: { degrees: 'warm' } } }
const failed = { content: [{ type: 'text', text: 'no such place' }], isError: true }

type Answer = Record<string, unknown>

const legacy = (answer: Answer, validateOutput = true, fill = 0) =>
  supervise({
    server: stdioServer(
      { tools: { mode: 'more', list: [weather] }, 'tools/call:weather': { mode: 'result', value: answer, fill } },
      { validateOutput },
    ),
  })

async function modern(answer: Answer, validateOutput = true): Promise<Supervisor> {
  const { url } = await httpSurface({ legacy: false, factory: () => createWeather(answer) })
  return supervise({ server: { url, protocolEra: 'modern', supervisor: { validateOutput } } })
}

/** Handlers of its own, because the SDK would not let a wrong answer out. */
function createWeather(answer: Answer): McpServer {
  const made = new McpServer({ name: 'weather', version: '1.0.0' }, { capabilities: { tools: {} } })
  made.server.setRequestHandler('tools/list', () => ({ tools: [weather as never] }))
  made.server.setRequestHandler('tools/call', () => answer as never)
  return made
}

describe.each([
  ['legacy', legacy],
  ['modern', modern],
])('a tool of a %s server that announces what it answers', (_, start) => {
  it('answers what it announces', async () => {
    const supervisor = await start(right)
    expect(await supervisor.callTool('server', 'weather')).toMatchObject(right)
  })

  it('is refused another answer, with the place where it differs', async () => {
    const supervisor = await start(wrong)
    const error = await errorOf(supervisor.callTool('server', 'weather'))
    expect(error).toMatchObject({
      code: 'RESPONSE_INVALID',
      delivered: 'yes',
      retryable: false,
      server: 'server',
      message:
        'Server "server" answered tool "weather" wrongly: its structured content at "/place/degrees" must be number, got string',
    })
  })

  it('is refused an answer without it', async () => {
    const supervisor = await start({ content: [{ type: 'text', text: '21' }] })
    const error = await errorOf(supervisor.callTool('server', 'weather'))
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'yes' })
    expect(error.message).toContain('it has no "structuredContent", which its outputSchema demands')
  })

  it('may fail in words', async () => {
    const supervisor = await start(failed)
    expect(await supervisor.callTool('server', 'weather')).toMatchObject(failed)
  })

  it('is believed where nobody asks for validation', async () => {
    const supervisor = await start(wrong, false)
    expect(await supervisor.callTool('server', 'weather')).toMatchObject(wrong)
  })
})

test.each([
  ['stdio', async () => legacy(wrong, true, 1_000_000)],
  ['HTTP', async () => modern({ ...wrong, structuredContent: { text: 'x'.repeat(1e6), ...wrong.structuredContent } })],
])('a long answer over %s is judged as a short one is', async (_, start) => {
  const supervisor = await start()
  const error = await errorOf(supervisor.callTool('server', 'weather'))
  expect(error.message).toContain('at "/place/degrees" must be number, got string')
})

test('a session of one call judges what it answers, too', async () => {
  const supervisor = supervise({
    server: stdioServer(
      { tools: { mode: 'more', list: [weather] }, 'tools/call:weather': { mode: 'result', value: wrong } },
      { validateOutput: true, session: 'per-call' },
    ),
  })
  await expect(supervisor.callTool('server', 'weather')).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
})

test('a secret of the server is not in what is said of its answer', async () => {
  const secret = 'a-long-secret-value'
  const closed = { ...weather, outputSchema: { type: 'object', additionalProperties: false } }
  const { entry } = stdioServer(
    {
      tools: { mode: 'more', list: [closed] },
      'tools/call:weather': { mode: 'result', value: { structuredContent: { [secret]: 1 } } },
    },
    { validateOutput: true },
  )
  const supervisor = supervise({ server: { ...entry, env: { ...entry.env, SECRET: secret } } })
  const error = await errorOf(supervisor.callTool('server', 'weather'))
  expect(error.message).toContain('must NOT have additional properties, got "***"')
})

test('the built package finds its thread, which keeps no program alive', async () => {
  const { entry } = stdioServer(
    { tools: { mode: 'more', list: [weather] }, 'tools/call:weather': { mode: 'result', value: wrong } },
    { validateOutput: true },
  )
  const program = `
    import { createSupervisor } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
    const supervisor = createSupervisor({ mcpServers: { server: ${JSON.stringify(entry)} } })
    await supervisor.callTool('server', 'weather').catch(({ message }) => console.log(message))
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program])
  expect(stdout).toContain('its structured content at "/place/degrees" must be number, got string')
})
