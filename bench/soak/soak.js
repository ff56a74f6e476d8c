/**
 * Runs through the life of a supervisor again and again and watches what grows. Exits with 1 when something does.
 *
 *     npm run soak -- [cycles] [--seed n] [--json]
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'

import './plain-heap.js'

import { startHttpProgram } from '../reliability/fixtures.js'
import { seededRandom } from '../reliability/statistics.js'
import { createSoak } from './cycle.js'
import { watch } from './watch.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
})
const cycles = Number(positionals[0] ?? 200)
/** Code is compiled, pools and caches fill: what grows then is no leak. */
const warmUps = 30

const server = await startHttpProgram()
const mark = randomUUID()
const settings = { url: server.url, mark, random: seededRandom(Number(values.seed)) }

const warm = createSoak(settings)
for (let n = 1; n <= warmUps; n++) await warm.cycle(n)
await warm.close()

const soak = createSoak(settings)
const watched = watch({ mark, lasting: soak.lasting })
for (let n = 1; n <= cycles; n++) {
  await soak.cycle(n)
  await watched.sample()
  if (process.stderr.isTTY) process.stderr.write(`\r${n} of ${cycles} cycles`)
}
await soak.close()
const figures = watched.figures()
await server.close()

if (values.json) console.log(JSON.stringify(figures))
else {
  console.log(`${cycles} cycles after ${warmUps} to warm up, seed ${values.seed}, Node ${process.version}`)
  for (const { what, bound, measured, ok } of figures) {
    console.log(`${ok ? 'ok    ' : 'BROKEN'}  ${what.padEnd(46)}  ${measured.padEnd(28)}  ${bound}`)
  }
}
process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1
