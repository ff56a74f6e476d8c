/**
 * How long a call takes through `mcpvisor serve` beside the same call to its server, by the same SDK client over stdio.
 * Rounds alternate, so that the machine's moods hit both; quote the ratios, not the times.
 *
 *     npm run bench:gateway
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

const rounds = 9
const callsPerRound = 500
const command = process.execPath
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url))
const server = { command, args: [pathOf('echo-server.js')] }
const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-bench-'))
const config = join(folder, 'mcp.json')
writeFileSync(config, JSON.stringify({ mcpServers: { echo: server } }))
const gateway = { command, args: [pathOf('../dist/cli/main.js'), 'serve', '--quiet', '-c', config], stderr: 'ignore' }

async function connected(program) {
  const client = new Client({ name: 'bench', version: '1.0.0' })
  await client.connect(new StdioClientTransport(program))
  return client
}

const subjects = {
  direct: { client: await connected(server), name: 'echo' },
  gateway: { client: await connected(gateway), name: 'echo__echo' },
}

async function callMany(atOnce, { client, name }) {
  let left = callsPerRound
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await client.callTool({ name, arguments: { text: 'x' } })
    }),
  )
  return ((performance.now() - startedAt) * 1_000) / callsPerRound
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

for (const atOnce of [1, 64]) {
  const samples = { direct: [], gateway: [] }
  for (let round = 0; round <= rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const us = await callMany(atOnce, subject)
      if (round > 0) samples[name].push(us) // the first round warms up
    }
  }
  const [direct, through] = [median(samples.direct), median(samples.gateway)]
  const ratio = (through / direct).toFixed(1)
  console.log(
    `${atOnce} at once: ${direct.toFixed(0)} us a call, ${through.toFixed(0)} us through the gateway; ratio ${ratio}`,
  )
}

await Promise.all(Object.values(subjects).map(({ client }) => client.close()))
rmSync(folder, { recursive: true })
