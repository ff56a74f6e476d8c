import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import type { Supervisor } from '../../src/index.js'
import { supervise, textOf, until } from '../support/fixture-servers.js'

const program = fileURLToPath(new URL('servers/lists.mjs', import.meta.url))

const openLists = () => supervise({ server: { command: process.execPath, args: [program] } })

async function tell(supervisor: Supervisor, tool: string, args = {}): Promise<Record<string, number>> {
  return JSON.parse(textOf(await supervisor.callTool('server', tool, args))) as Record<string, number>
}

describe('resources and prompts that change', () => {
  it('are asked for once by all who list them while nothing is told', async () => {
    const supervisor = openLists()
    for (let n = 0; n < 5; n++)
      await Promise.all([supervisor.listResources('server'), supervisor.listPrompts('server')])
    expect(await tell(supervisor, 'counts')).toMatchObject({ 'resources/list': 1, 'prompts/list': 1 })
  })

  it('are listed anew once for a storm of changes, and only those that are in use', async () => {
    const supervisor = openLists()
    await Promise.all([supervisor.listResources('server'), supervisor.listPrompts('server')])
    const { version } = await tell(supervisor, 'storm', { times: 200 })
    // Nobody asks: what is known follows by itself.
    await until(() => {
      const { resources = [], prompts = [] } = supervisor.catalog('server') ?? {}
      return resources[0]?.name === `resource ${version}` && prompts[0]?.name === `prompt ${version}`
    })
    const counts = await tell(supervisor, 'counts')
    expect(counts['resources/templates/list']).toBeUndefined()
    for (const list of ['resources/list', 'prompts/list']) {
      expect(counts[list]).toBeGreaterThan(1)
      // A storm that the machine stretches over some windows costs one listing for each.
      expect(counts[list]).toBeLessThan(20)
    }
    expect(await supervisor.listResources('server')).toMatchObject([{ uri: `it://${version}` }])
    expect(await supervisor.listPrompts('server')).toMatchObject([{ name: `prompt ${version}` }])
  })
})
