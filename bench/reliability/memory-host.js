/**
 * A fresh host with one server that pours: prints the resident memory it had before, and at its peak, in KiB.
 * Argument: the entry of the server as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs'

import { createSupervisor } from 'mcpvisor'

const warmUps = 50
const observedMs = 4_000

const [, , entry] = process.argv
const supervisor = createSupervisor({ mcpServers: { pouring: JSON.parse(entry) } })
await supervisor.connect('pouring')
for (let n = 0; n < warmUps; n++) await supervisor.callTool('pouring', 'add', { a: n, b: n })
// The peak so far is that of loading: it is forgotten (proc(5), clear_refs).
writeFileSync('/proc/self/clear_refs', '5')
const before = residentKiB('VmRSS')
const end = performance.now() + observedMs
const outcome = await supervisor.callTool('pouring', 'echo', { text: 'x' }).then(
  () => 'answered',
  ({ code }) => code,
)
while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
await supervisor.close()
console.log(JSON.stringify({ before, peak: residentKiB('VmHWM'), outcome }))

function residentKiB(field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1])
}
