import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { createSupervisor } from 'mcpvisor'

import { echo } from '../fixtures.js'
import { median } from '../statistics.js'

const calls = 10_000
const rounds = 5

/** 10,000 calls at once to one server, beside the client of the SDK. */
export async function concurrentCalls() {
  const warnings = []
  const warned = ({ name }) => warnings.push(name)
  process.on('warning', warned)
  const { command, args } = echo()
  const client = new Client({ name: 'reliability', version: '1.0.0' })
  await client.connect(new StdioClientTransport({ command, args }))
  const supervisor = createSupervisor({ mcpServers: { echo: echo({ maxQueue: calls }) } })
  await supervisor.connect('echo')

  const through = {
    sdk: (text) => client.callTool({ name: 'echo', arguments: { text } }),
    mcpvisor: (text) => supervisor.callTool('echo', 'echo', { text }),
  }
  const times = { sdk: [], mcpvisor: [] }
  let succeeded = 0
  for (let round = 0; round < rounds; round++) {
    for (const [name, call] of Object.entries(through)) {
      const warningsBefore = warnings.length
      const startedAt = performance.now()
      const results = await Promise.all(Array.from({ length: calls }, (_, n) => call(String(n))))
      times[name].push(performance.now() - startedAt)
      if (name === 'sdk') warnings.length = warningsBefore
      else succeeded += results.filter(({ content }, n) => content[0].text === String(n)).length
    }
  }
  await client.close()
  await supervisor.close()
  process.off('warning', warned)
  const ratio = median(times.mcpvisor) / median(times.sdk)
  return {
    id: 'T17',
    what: '10,000 concurrent calls beside the plain SDK',
    target: 'all succeed, <= 1.5 x, 0 warnings',
    measured: `${succeeded} of ${rounds * calls}, ${ratio.toFixed(2)} x (${median(times.mcpvisor).toFixed(0)} ms), ${warnings.length} warnings`,
    ok: succeeded === rounds * calls && ratio <= 1.5 && warnings.length === 0,
  }
}
