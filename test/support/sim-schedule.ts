import fc from 'fast-check'

import { seededRandom } from './sim-random.js'

/** The servers of every simulation. */
export const simNames = ['alpha', 'beta', 'gamma'] as const

/** What a call makes its server do, how an opening and an ending go: the first of each is the harmless one. */
export const answers = [
  'answer',
  'answer',
  'answer',
  'answer',
  'progress',
  'error',
  'silent',
  'unsent',
  'vanish',
] as const
export const openings = ['up', 'up', 'up', 'up', 'refused', 'busy', 'hostile', 'silent', 'unlisted'] as const
export const endings = ['prompt', 'prompt', 'slow', 'stuck'] as const
export const losses = ['ended', 'ended', 'ended', 'busy', 'hostile'] as const
export const resolutions = ['resolved', 'resolved', 'unresolved'] as const

type Range = readonly [min: number, max: number]

const server: Range = [0, simNames.length - 1]
const pick = (of: readonly unknown[]): Range => [0, of.length - 1]
/** 0 leaves the server out of the configuration; the rest are variants of its entry. */
const variant: Range = [0, 6]

/** One of those that there are: a lease that is held. */
const nth: Range = [0, 2]

/** Every command of a schedule: its weight among the others and its numbers. Chance is in the numbers and nowhere else. */
const commands = {
  advance: { weight: 30, fields: { ms: [0, 250] } },
  call: { weight: 30, fields: { server, answer: pick(answers), latencyMs: [0, 120], timeoutMs: [1, 700] } },
  crowd: { weight: 3, fields: { server, answer: pick(answers), latencyMs: [0, 120], timeoutMs: [1, 700] } },
  list: { weight: 2, fields: { server, timeoutMs: [1, 300] } },
  change: { weight: 2, fields: { server } },
  abort: { weight: 6, fields: { nth: [0, 9] } },
  probe: { weight: 2, fields: { server, timeoutMs: [1, 700] } },
  connect: { weight: 5, fields: { server, timeoutMs: [1, 700] } },
  restart: { weight: 3, fields: { server, timeoutMs: [1, 700] } },
  reload: { weight: 4, fields: { alpha: variant, beta: variant, gamma: variant } },
  lose: { weight: 8, fields: { server, loss: pick(losses) } },
  opening: { weight: 6, fields: { server, opening: pick(openings), delayMs: [0, 130] } },
  ending: { weight: 3, fields: { server, ending: pick(endings), delayMs: [0, 60] } },
  resolution: { weight: 2, fields: { server, resolution: pick(resolutions), delayMs: [0, 40] } },
  echo: { weight: 2, fields: { server, timeoutMs: [1, 300] } },
  crash: { weight: 1, fields: { server } },
  lease: { weight: 3, fields: { server, eager: [0, 1] } },
  leased: { weight: 8, fields: { nth, answer: pick(answers), latencyMs: [0, 120], timeoutMs: [1, 700] } },
  leasedConnect: { weight: 1, fields: { nth, timeoutMs: [1, 700] } },
  leasedRestart: { weight: 1, fields: { nth, timeoutMs: [1, 700] } },
  release: { weight: 2, fields: { nth } },
} as const satisfies Record<string, { weight: number; fields: Record<string, Range> }>

type Commands = typeof commands
type CommandOf<K extends keyof Commands> = { readonly type: K } & {
  readonly [F in keyof Commands[K]['fields']]: number
}
export type Command = { [K in keyof Commands]: CommandOf<K> }[keyof Commands]

/** Everything that happens in one simulation. */
export interface Schedule {
  readonly commands: readonly Command[]
  /** Whether all faults end and every server must recover before the supervisor is closed. */
  readonly heals: boolean
}

const kinds = Object.entries(commands)
const totalWeight = kinds.reduce((sum, [, { weight }]) => sum + weight, 0)

/** The schedule of a seed, the same on every machine. */
export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed)
  const between = ([min, max]: Range) => min + Math.floor(random() * (max - min + 1))
  const command = (): Command => {
    let left = random() * totalWeight
    const [type, { fields }] =
      kinds.find(([, { weight }]) => (left -= weight) < 0) ?? (['advance', commands.advance] as const)
    const numbers = Object.entries<Range>(fields).map(([field, range]) => [field, between(range)])
    return { type, ...Object.fromEntries(numbers) } as Command
  }
  return { commands: Array.from({ length: between([10, 50]) }, command), heals: random() < 0.75 }
}

/** The same schedules as fast-check draws them, and above all shrinks them. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  commands: fc.array(
    fc.oneof(
      ...kinds.map(([type, { fields }]) => {
        const ranges = Object.entries<Range>(fields).map(([field, [min, max]]) => [field, fc.integer({ min, max })])
        return fc.record({ type: fc.constant(type), ...Object.fromEntries(ranges) }) as unknown as fc.Arbitrary<Command>
      }),
    ),
    { maxLength: 50 },
  ),
  heals: fc.boolean(),
})
