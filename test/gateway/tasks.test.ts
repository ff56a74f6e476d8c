import { fileURLToPath } from 'node:url'

import { describe, expect, it, vi } from 'vitest'

import { answered, legacyClient, modernClient, openGateway } from './gateway-bench.js'

const program = fileURLToPath(new URL('../protocol/servers/tasks.mjs', import.meta.url))
const servers = { it: { command: process.execPath, args: [program] } }

const eras = [
  { era: '2025-11-25', connect: legacyClient },
  { era: '2026-07-28', connect: modernClient },
]

describe.each(eras)('a client of $era that knows nothing of tasks', ({ connect }) => {
  it('sees a tool that can only be called as a task as any other, and calls it', async () => {
    const { endpoint } = await openGateway(servers)
    const client = await connect(endpoint)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('it__slow')
    expect(tools.filter((tool) => 'execution' in tool)).toEqual([])
    expect(answered(await client.callTool({ name: 'it__slow', arguments: { name: 'Anna' } }))).toBe('slow Anna')
  })

  it('has the task cancelled when it gives up', async () => {
    const { endpoint, supervisor } = await openGateway(servers)
    const client = await connect(endpoint)
    const journal = async () => JSON.parse(String(answered(await supervisor.callTool('it', 'journal', {})))) as unknown
    const eventually = (expected: object) =>
      vi.waitFor(async () => expect(await journal()).toMatchObject(expected), { timeout: 15_000 })
    const giveUp = new AbortController()
    const options = { signal: giveUp.signal }
    const name = 'it__never'
    const call =
      'getNegotiatedProtocolVersion' in client
        ? client.callTool({ name }, options)
        : client.callTool({ name }, undefined, options)
    call.catch(() => undefined)
    await eventually({ polls: { never: expect.any(Number) } })
    giveUp.abort()
    await eventually({ cancelled: ['never'] })
  })
})
