/**
 * A fresh host with one server that pours: prints the resident memory it had before, and at its peak, in KiB.
 * Argument: the entry of the server as JSON.
 */
import { createSupervisor } from 'mcpvisor'

const warmUps = 50
const observedMs = 4_000

const [, , entry] = process.argv
const supervisor = createSupervisor({ mcpServers: { pouring: JSON.parse(entry) } })
await supervisor.connect('pouring')
for (let n = 0; n < warmUps; n++) await supervisor.callTool('pouring', 'add', { a: n, b: n })
const before = process.memoryUsage().rss / 1024
const end = performance.now() + observedMs
const outcome = await supervisor.callTool('pouring', 'echo', { text: 'x' }).then(
  () => 'answered',
  ({ code }) => code,
)
while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
await supervisor.close()
console.log(JSON.stringify({ before, peak: process.resourceUsage().maxRSS, outcome }))
