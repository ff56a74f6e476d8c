import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { expect, test } from 'vitest'

import { configOf, stdioServer } from '../support/fixture-servers.js'
import { folderOf, startCommand } from './command-line.js'

const register = pathToFileURL(fileURLToPath(new URL('../fixtures/telemetry/register.mjs', import.meta.url))).href
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const messages = [
  {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { method: 'notifications/initialized' },
  {
    id: 2,
    method: 'tools/call',
    params: { name: 'files__echo', arguments: { text: 'x' }, _meta: { traceparent } },
  },
].map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

test('--telemetry uses the SDK that was loaded before, and exports what it holds before the program ends', async () => {
  const cwd = folderOf({ 'mcp.json': configOf({ files: stdioServer() }) })
  const file = join(cwd, 'exported')
  const env = { NODE_OPTIONS: `--import ${register}`, OTEL_FILE: file }
  const command = startCommand(['serve', '-c', 'mcp.json', '--telemetry'], { cwd, env })
  command.child.stdin?.end(messages.join(''))
  expect(await command.ended).toMatchObject({ code: 0 })

  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const exported = lines.map(
    (line) => JSON.parse(line) as { span?: string; metric?: string; parentSpanContext?: object },
  )
  const [call] = exported.filter(({ span }) => span === 'tools/call echo')
  expect(call).toMatchObject({ parentSpanContext: { spanId: 'b7ad6b7169203331', isRemote: true } })
  expect(exported.map(({ span }) => span)).toEqual(expect.arrayContaining(['connect files', 'initialize']))
  expect(exported.map(({ metric }) => metric)).toContain('mcp.client.operation.duration')
})
