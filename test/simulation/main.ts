/**
 * The simulation by hand: `npm run simulate -- 100000` runs so many seeds, `--from 5000` begins at that one,
 * `--seed 123` replays one and tells its story.
 */
import { parseArgs } from 'node:util'

import { scheduleOf } from '../support/sim-schedule.js'
import { runSeed, violationOf } from '../support/sim-shrink.js'

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, from: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const say = (text: string) => void process.stdout.write(`${text}\n`)

async function replay(seed: number): Promise<void> {
  say(JSON.stringify(scheduleOf(seed)))
  const violation = await violationOf(scheduleOf(seed), { trace: say })
  say(violation === undefined ? `seed ${seed} keeps every invariant` : `seed ${seed}: ${violation}`)
  process.exitCode = violation === undefined ? 0 : 1
}

/** Goes on after a failure, so that a long run tells all it finds. */
async function run(from: number, count: number): Promise<void> {
  const startedAt = performance.now()
  let failures = 0
  for (let seed = from; seed < from + count; seed++) {
    await runSeed(seed).catch((error: Error) => {
      failures++
      say(error.message)
    })
    const done = seed - from + 1
    const rate = Math.round((done * 1_000) / (performance.now() - startedAt))
    if (done % 5_000 === 0 || done === count) say(`${done} seeds, ${failures} failures, ${rate} seeds a second`)
  }
  process.exitCode = failures > 0 ? 1 : 0
}

if (values.seed === undefined) await run(Number(values.from), Number(positionals[0] ?? 10_000))
else await replay(Number(values.seed))
