/**
 * What a call costs through mcpvisor beside the same SDK client used directly, on one echo server each over stdio. Quote
 * the ratios, not the times.
 *
 *     npm run bench
 */
import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { createSupervisor } from 'mcpvisor'

import { compare, loads } from './load.js'

const command = process.execPath
const args = [fileURLToPath(new URL('echo-server.js', import.meta.url))]

const client = new Client({ name: 'bench', version: '1.0.0' })
await client.connect(new StdioClientTransport({ command, args }))
const supervisor = createSupervisor({ mcpServers: { echo: { command, args } } })
await supervisor.connect('echo')

const subjects = {
  'SDK client': (text) => client.callTool({ name: 'echo', arguments: { text } }),
  mcpvisor: (text) => supervisor.callTool('echo', 'echo', { text }),
}

for (const load of loads) {
  const costs = await compare(load, subjects)
  console.log(`${load.name}:`)
  for (const [name, { wallUs, cpuUs }] of Object.entries(costs)) {
    console.log(
      `  ${name.padEnd(10)}  ${wallUs.toFixed(0).padStart(5)} us wall  ${cpuUs.toFixed(0).padStart(5)} us CPU`,
    )
  }
  const { 'SDK client': plain, mcpvisor } = costs
  const ratio = (key) => (mcpvisor[key] / plain[key]).toFixed(2)
  const added = mcpvisor.cpuUs - plain.cpuUs
  console.log(`  ratio       ${ratio('wallUs')} wall, ${ratio('cpuUs')} CPU; ${added.toFixed(0)} us CPU added a call`)
}

await client.close()
await supervisor.close()
