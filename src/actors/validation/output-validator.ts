import type { Cancellation } from '../../calls/cancellation.js'
import type { Clock } from '../../clock.js'
import { type Asked, type Lane, type Question, createLane } from './lane.js'
import type { LongText } from '../wire/long-texts.js'
import { isLighter } from './weight.js'

/** Judges what tools answer by the schemas that they announce, and lets neither cost anybody else anything. */
export interface OutputValidator {
  /** Why `content` is not what `schema` announces, in words of the server; undefined when it is. */
  judge(answer: Answer): Promise<string | undefined>
  /** Ends what it has started. */
  close(): Promise<void>
}

export interface Answer {
  readonly server: string
  readonly schema: object
  readonly content: unknown
  /** What it was read from, when that is long: it is read again elsewhere, rather than written down here. */
  readonly text?: LongText | undefined
  /** Whoever gives up is told at once, and the answer needs no verdict any more. */
  readonly cancellation: Cancellation
}

/** Characters and values of a schema: writing down more would hold up everybody for too long. */
export const heaviest = 2_000_000
/** For one answer, its schema compiled in it. */
const judgeTimeoutMs = 2_000

export function createOutputValidator(clock: Clock): OutputValidator {
  const lanes = { usual: createLane({ clock, judgeTimeoutMs }), costly: createLane({ clock, judgeTimeoutMs }) }
  /** Servers that once took too long: they wait for each other from then on, and nobody else for them. */
  const costly = new Set<string>()
  /** The texts of schemas, each made once for as long as its tool is listed. */
  const schemas = new WeakMap<object, string | undefined>()

  function textOfSchema(schema: object): string | undefined {
    if (!schemas.has(schema)) schemas.set(schema, textOf(schema))
    return schemas.get(schema)
  }

  function laneOf(server: string): Lane {
    return costly.has(server) ? lanes.costly : lanes.usual
  }

  function isolate(server: string): void {
    if (costly.has(server)) return
    costly.add(server)
    for (const asked of lanes.usual.takeAll(server)) lanes.costly.ask(asked)
  }

  function ask(question: Question, { server, cancellation }: Answer): Promise<string | undefined> {
    return new Promise((resolve) => {
      const asked: Asked = {
        server,
        question,
        tell({ wrong, isCostly }) {
          cancellation.onCancel = undefined
          if (isCostly) isolate(server)
          resolve(wrong)
        },
      }
      laneOf(server).ask(asked)
      cancellation.onCancel = (reason) => {
        laneOf(server).takeBack(asked)
        resolve(`its structured content was not judged: ${reason}`)
      }
    })
  }

  return {
    async judge(answer) {
      const schema = textOfSchema(answer.schema)
      if (schema === undefined) return `its outputSchema cannot be used: it is ${tooHeavy}`
      if (answer.text) return ask({ schema, ...answer.text }, answer)
      const content = textOf(answer.content)
      if (content === undefined) return `its structured content cannot be judged: it is ${tooHeavy}`
      return ask({ schema, content }, answer)
    },
    async close() {
      await Promise.all([lanes.usual.close(), lanes.costly.close()])
    },
  }
}

const tooHeavy = `larger than ${heaviest} characters and values, or nested too deep`

function textOf(value: unknown): string | undefined {
  if (!isLighter(value, heaviest)) return undefined
  try {
    return JSON.stringify(value)
  } catch (error) {
    // Only its depth can be at fault: it was read from JSON.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
