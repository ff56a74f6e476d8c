import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { createSupervisor } from '../../src/index.js'

describe.each(['sdk-v1', 'sdk-v2'])('a server built on %s', (name) => {
  it('is opened with one process, listed and called', async () => {
    const program = fileURLToPath(new URL(`../fixtures/servers/${name}.mjs`, import.meta.url))
    await using supervisor = createSupervisor({
      mcpServers: { server: { command: process.execPath, args: [program] } },
    })
    expect(await supervisor.listTools('server')).toMatchObject([{ name: 'add' }])
    expect(await supervisor.callTool('server', 'add', { a: 2, b: 3 })).toMatchObject({ content: [{ text: '5' }] })
    expect(supervisor.status('server')).toMatchObject({ generation: 1, protocolVersion: '2025-11-25' })
  })
})
