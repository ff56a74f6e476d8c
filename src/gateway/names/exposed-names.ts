import { createHash } from 'node:crypto'

/** Names as clients and models take them, and what each stands for. */
export interface ExposedNames {
  /** The name that a thing is shown under; undefined when it is refused. */
  exposed(original: string): string | undefined
  original(exposed: string): string | undefined
  /** What is shown under no name, for another has it already. */
  readonly refused: readonly { readonly name: string; readonly takenBy: string }[]
}

/** What a lawful name looks like, and how any other is made one. */
export interface NameForm {
  readonly lawful: RegExp
  readonly longest: number
  readonly made: (name: string) => string
}

/**
 * Gives each name a lawful one, and no two the same. The order of the names does not matter.
 *
 * A lawful name stays as it is. Others have their odd characters replaced; they also get a hash of the whole name when
 * they are cut, or when what they were made is not theirs alone.
 */
export function exposeNames(names: Iterable<string>, { lawful, longest, made }: NameForm): ExposedNames {
  const originals = [...new Set(names)].toSorted(byCodeUnits)
  const isLawful = (name: string): boolean => name.length <= longest && lawful.test(name)
  const claims = new Map<string, number>()
  for (const name of originals) claims.set(made(name), (claims.get(made(name)) ?? 0) + 1)

  function wishOf(name: string): string {
    if (isLawful(name)) return name
    const wish = made(name)
    if (isLawful(wish) && claims.get(wish) === 1) return wish
    return `${wish.slice(0, longest - hashLength - 1)}-${hashOf(name)}`
  }

  const toExposed = new Map<string, string>()
  const toOriginal = new Map<string, string>()
  const refused: { name: string; takenBy: string }[] = []
  // Lawful ones first: nobody takes the name of another by a clever hash.
  for (const name of [...originals.filter(isLawful), ...originals.filter((other) => !isLawful(other))]) {
    const wish = wishOf(name)
    const takenBy = toOriginal.get(wish)
    if (takenBy !== undefined) refused.push({ name, takenBy })
    else {
      toExposed.set(name, wish)
      toOriginal.set(wish, name)
    }
  }
  return {
    exposed: (original) => toExposed.get(original),
    original: (exposed) => toOriginal.get(exposed),
    refused,
  }
}

const hashLength = 8

/** Of the name as JSON, which tells apart even what UTF-8 cannot say. */
function hashOf(name: string): string {
  return createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, hashLength)
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
