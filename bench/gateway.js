/**
 * How long a call takes through `mcpvisor serve`, over a pipe and over HTTP, beside one that goes the same way straight to
 * a server; the same SDK client each time, every program a process of its own. Quote the ratios, not the times.
 *
 *     npm run bench:gateway
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

import { compare, loads } from './load.js'
import { startHttpProgram } from './reliability/fixtures.js'

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url))
const command = process.execPath
const echo = { command, args: [pathOf('echo-server.js')] }
const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-bench-'))
const file = join(folder, 'mcp.json')
writeFileSync(file, JSON.stringify({ mcpServers: { echo } }))
const serve = [pathOf('../dist/cli/main.js'), 'serve', '-c', file, '--plain']

const clients = []
async function open(transport) {
  const client = new Client({ name: 'bench', version: '1.0.0' })
  await client.connect(transport)
  clients.push(client)
  return (text) => client.callTool({ name: 'echo', arguments: { text } })
}

const endpoint = spawn(command, [...serve, '--http', '0', '--no-token'], { stdio: ['ignore', 'ignore', 'pipe'] })
const ended = new Promise((resolve) => endpoint.once('exit', resolve))
const url = await new Promise((resolve) => {
  createInterface(endpoint.stderr).on('line', (line) => {
    const [, found] = /Listening on (\S+)/.exec(line) ?? []
    if (found) resolve(new URL(found))
  })
})

const web = await startHttpProgram()
const straight = 'straight'
const ways = {
  stdio: {
    [straight]: await open(new StdioClientTransport(echo)),
    gateway: await open(new StdioClientTransport({ command, args: serve, stderr: 'ignore' })),
  },
  HTTP: {
    [straight]: await open(new StreamableHTTPClientTransport(new URL(web.url))),
    gateway: await open(new StreamableHTTPClientTransport(url)),
  },
}

for (const load of loads) {
  console.log(`${load.name}:`)
  for (const [way, subjects] of Object.entries(ways)) {
    const costs = await compare(load, subjects)
    for (const [name, { wallUs }] of Object.entries(costs)) {
      const ratio = (wallUs / costs[straight].wallUs).toFixed(2)
      console.log(`  ${way.padEnd(7)}${name.padEnd(10)}${wallUs.toFixed(0).padStart(6)} us  ${ratio}`)
    }
  }
}

for (const client of clients) await client.close()
endpoint.kill('SIGTERM')
await web.close()
await ended
rmSync(folder, { recursive: true })
