import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { createSupervisor } from '../../src/index.js'

const entryOf = (name: string) => ({
  command: process.execPath,
  args: [fileURLToPath(new URL(`../fixtures/servers/${name}.mjs`, import.meta.url))],
})

describe.each(['sdk-v1', 'sdk-v2'])('a server built on %s', (name) => {
  it('is opened with one process, listed and called', async () => {
    await using supervisor = createSupervisor({ mcpServers: { server: entryOf(name) } })
    expect(await supervisor.listTools('server')).toMatchObject([{ name: 'add' }])
    expect(await supervisor.callTool('server', 'add', { a: 2, b: 3 })).toMatchObject({ content: [{ text: '5' }] })
    expect(supervisor.status('server')).toMatchObject({ generation: 1, protocolVersion: '2025-11-25' })
  })
})

it('speaks 2026-07-28 with a server of both eras when it is told to', async () => {
  await using supervisor = createSupervisor({
    mcpServers: { server: { ...entryOf('sdk-v2'), protocolEra: 'modern' } },
  })
  expect(await supervisor.callTool('server', 'add', { a: 2, b: 3 })).toMatchObject({ content: [{ text: '5' }] })
  expect(supervisor.status('server')).toMatchObject({ generation: 1, protocolVersion: '2026-07-28' })
})
