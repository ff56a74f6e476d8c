/** Loads that benchmarks put on several subjects in turn, and what each call cost under them. */

const rounds = 9
const callsPerRound = 2_000

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

export const loads = [oneByOne, sixtyFourAtOnce]

async function measure(load, call) {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await load(call)
  const wall = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { wallUs: (wall * 1000) / callsPerRound, cpuUs: (user + system) / callsPerRound }
}

/** The medians for each subject by name. Rounds alternate, so that the machine's moods hit all of them. */
export async function compare(load, subjects) {
  const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, call] of Object.entries(subjects)) {
      const sample = await measure(load, call)
      if (round > 0) samples[name].push(sample) // the first round warms up
    }
  }
  const of = (name, key) => median(samples[name].map((sample) => sample[key]))
  return Object.fromEntries(
    Object.keys(subjects).map((name) => [name, { wallUs: of(name, 'wallUs'), cpuUs: of(name, 'cpuUs') }]),
  )
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
