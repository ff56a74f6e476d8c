import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createStdioTransport } from '../../../src/actors/stdio/stdio-transport.js'

test('writes no separator at which a reader of lines may end one: they are escaped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-separators-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const received = join(folder, 'received')
  const transport = createStdioTransport(
    { transport: 'stdio', command: 'sh', args: ['-c', 'cat > "$1"', 'sh', received], env: {} },
    { server: 'cat', shutdownTimeoutMs: 1_000 },
  )
  const message = { jsonrpc: '2.0', method: 'notifications/x', params: { text: 'a\u2028b\u2029c' } } as const
  await transport.start()
  await transport.send(message)
  await transport.end()

  const text = readFileSync(received, 'utf8')
  expect(text).not.toMatch(/[\u2028\u2029]/)
  expect(JSON.parse(text)).toEqual(message)
})
