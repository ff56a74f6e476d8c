import { type Lookup, type Placeholder, interpolate } from './interpolate.js'
import { type Surroundings, place } from './places.js'

export type Variables = Readonly<Record<string, string | undefined>>

/** Fills in placeholders and remembers what it came across. */
export interface Filler {
  /** Fills in a text; variables are looked up in the first of `sources` that has them. */
  fill(text: string, ...sources: readonly Variables[]): string
  /** Names of what nothing stands for. */
  readonly missing: ReadonlySet<string>
  /** What placeholders were replaced by, unless everybody may see it. */
  readonly found: ReadonlySet<string>
}

/** Variables of every environment that tell where things are and who is asking, which is no secret. */
const publicVariables = new Set([
  ...['HOME', 'PWD', 'PATH', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'LANG', 'TERM', 'HOSTNAME'],
])

export function createFiller(inputs: ReadonlyMap<string, string | undefined>, surroundings: Surroundings): Filler {
  const missing = new Set<string>()
  const found = new Set<string>()

  function fillOne(placeholder: Placeholder, sources: readonly Variables[]): string | undefined {
    if (placeholder.kind === 'place') return place(placeholder.name, surroundings)
    const isInput = placeholder.kind === 'input'
    const got = isInput ? inputs.get(placeholder.id) : lookup(placeholder.name, sources)
    if (got && (isInput || !publicVariables.has(placeholder.name))) found.add(got)
    if (isInput) return got ?? miss(`input:${placeholder.id}`)
    return got || (placeholder.fallback ?? got ?? miss(placeholder.name))
  }

  function miss(name: string): undefined {
    missing.add(name)
  }

  return {
    missing,
    found,
    fill(text, ...sources) {
      const lookUp: Lookup = (placeholder) => fillOne(placeholder, sources)
      return interpolate(text, lookUp)
    },
  }
}

function lookup(name: string, sources: readonly Variables[]): string | undefined {
  return sources.find((source) => Object.hasOwn(source, name) && source[name] !== undefined)?.[name]
}
