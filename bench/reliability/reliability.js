/**
 * Measures every figure that this machine can show and prints one table. Exits with 1 when one is missed.
 *
 *     npm run reliability -- [--only T9,T10] [--details] [--write]
 *
 * `--write` puts the table into docs/reliability.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { faultRows } from './figures/t01-fault-rows.js'
import { malformedInput } from './figures/t02-malformed-input.js'
import { settling } from './figures/t03-settling.js'
import { executions } from './figures/t04-executions.js'
import { certainty } from './figures/t05-certainty.js'
import { staleConfiguration } from './figures/t06-stale-configuration.js'
import { orphansAfterClose } from './figures/t07-orphans-after-close.js'
import { orphansAfterKill } from './figures/t08-orphans-after-kill.js'
import { stop } from './figures/t09-stop.js'
import { deathSeen } from './figures/t10-death-seen.js'
import { recovery } from './figures/t11-recovery.js'
import { restartBudget } from './figures/t12-restart-budget.js'
import { knownFailures } from './figures/t13-known-failures.js'
import { neighbours } from './figures/t14-neighbours.js'
import { reload } from './figures/t15-reload.js'
import { idleServers } from './figures/t16-idle-servers.js'
import { concurrentCalls } from './figures/t17-concurrent-calls.js'
import { peakMemory } from './figures/t18-peak-memory.js'
import { soak } from './figures/t19-soak.js'
import { secrets } from './figures/t20-secrets.js'
import { strayFailures } from './figures/t21-stray-failures.js'
import { simulation } from './figures/t22-simulation.js'
import { attacks } from './figures/t23-attacks.js'

const figures = [
  faultRows,
  malformedInput,
  settling,
  executions,
  certainty,
  staleConfiguration,
  orphansAfterClose,
  orphansAfterKill,
  stop,
  deathSeen,
  recovery,
  restartBudget,
  knownFailures,
  neighbours,
  reload,
  idleServers,
  concurrentCalls,
  peakMemory,
  soak,
  secrets,
  strayFailures,
  simulation,
  attacks,
]

const { values } = parseArgs({
  options: { only: { type: 'string' }, details: { type: 'boolean' }, write: { type: 'boolean' } },
})
const wanted = values.only?.split(',')
const head = { id: 'id', what: 'what', target: 'target', measured: 'measured', verdict: 'verdict' }

const rows = []
for (const [index, figure] of figures.entries()) {
  if (wanted && !wanted.includes(`T${index + 1}`)) continue
  if (process.stderr.isTTY) process.stderr.write(`T${index + 1} …\r`)
  const row = await figure()
  rows.push({ ...row, verdict: verdictOf(row) })
  if (values.details) for (const line of row.details ?? []) console.log(`  ${row.id} ${line}`)
}

const machine = `Node ${process.version}, ${process.platform}, ${cpus().length} x ${cpus()[0].model}`
const table = [
  lineOf(head),
  lineOf({ id: '---', what: '---', target: '---', measured: '---', verdict: '---' }),
  ...rows.map(lineOf),
]
const report = `${machine}\n\n${table.join('\n')}`
console.log(report)
if (values.write) write(report)
process.exitCode = rows.some(({ ok }) => ok === false) ? 1 : 0

function verdictOf({ ok }) {
  if (ok === undefined) return 'counted'
  return ok ? 'met' : 'missed'
}

function lineOf({ id, what, target, measured, verdict }) {
  return `| ${[id, what, target, measured, verdict].join(' | ')} |`
}

function write(text) {
  const path = new URL('../../docs/reliability.md', import.meta.url)
  const [before, after] = readFileSync(path, 'utf8').split(/(?<=<!-- npm run reliability -->\n)[^]*(?=<!-- end -->)/)
  writeFileSync(path, `${before}\n${text}\n\n${after}`)
}
