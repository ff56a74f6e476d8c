/**
 * What a call costs through mcpvisor beside the same SDK client used directly, on one echo server each over stdio.
 * Rounds alternate, so that the machine's moods hit both; quote the ratios, not the times.
 *
 *     npm run bench
 */
import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { createSupervisor } from 'mcpvisor'

const rounds = 9
const callsPerRound = 2_000
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

async function oneByOne(call) {
  for (let n = 0; n < callsPerRound; n++) await call('x')
}

async function sixtyFourAtOnce(call) {
  let left = callsPerRound
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (left-- > 0) await call('x')
    }),
  )
}

async function measure(load, call) {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await load(call)
  const wall = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { wallUs: (wall * 1000) / callsPerRound, cpuUs: (user + system) / callsPerRound }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

for (const load of [oneByOne, sixtyFourAtOnce]) {
  const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, call] of Object.entries(subjects)) {
      const sample = await measure(load, call)
      if (round > 0) samples[name].push(sample) // the first round warms up
    }
  }
  const of = (name, key) => median(samples[name].map((sample) => sample[key]))
  console.log(`${load.name}:`)
  for (const name of Object.keys(subjects)) {
    console.log(
      `  ${name.padEnd(10)}  ${of(name, 'wallUs').toFixed(0).padStart(5)} us wall  ${of(name, 'cpuUs').toFixed(0).padStart(5)} us CPU`,
    )
  }
  const ratio = (key) => (of('mcpvisor', key) / of('SDK client', key)).toFixed(2)
  const added = of('mcpvisor', 'cpuUs') - of('SDK client', 'cpuUs')
  console.log(`  ratio       ${ratio('wallUs')} wall, ${ratio('cpuUs')} CPU; ${added.toFixed(0)} us CPU added a call`)
}

await client.close()
await supervisor.close()
