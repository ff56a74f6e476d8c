import type { Tool } from '../../index.js'

/** A tool that may be what is looked for. */
export interface Candidate {
  readonly name: string
  readonly tool: Tool
}

/** What a word that is found there is worth. */
const worth = { name: 4, beginning: 2, description: 1 } as const

/**
 * The tools that have to do with a query, the best first; those that are equally good by name. A word counts the more the
 * fewer tools have it.
 */
export function rankTools(candidates: readonly Candidate[], query: string): Candidate[] {
  const wanted = [...new Set(wordsOf(query))]
  const read = candidates.map((candidate) => ({ candidate, ...readTool(candidate) }))
  const rarity = new Map(
    wanted.map((word) => [word, Math.log(1 + read.length / (1 + read.filter((of) => worthOf(word, of) > 0).length))]),
  )
  return read
    .map(({ candidate, ...of }) => ({
      candidate,
      score: wanted.reduce((sum, word) => sum + worthOf(word, of) * (rarity.get(word) ?? 0), 0),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (a.candidate.name < b.candidate.name ? -1 : 1))
    .map(({ candidate }) => candidate)
}

interface ReadTool {
  readonly name: ReadonlySet<string>
  readonly description: ReadonlySet<string>
}

function readTool({ name, tool: { title = '', description = '', inputSchema } }: Candidate): ReadTool {
  const parameters = Object.keys((inputSchema['properties'] as object | undefined) ?? {}).join(' ')
  return {
    name: new Set(wordsOf(`${name} ${title}`)),
    description: new Set(wordsOf(`${description} ${parameters}`)),
  }
}

function worthOf(word: string, { name, description }: ReadTool): number {
  if (name.has(word)) return worth.name
  const begins = (other: string): boolean => word.length >= 3 && (other.startsWith(word) || word.startsWith(other))
  if ([...name].some((other) => other.length >= 3 && begins(other))) return worth.beginning
  return description.has(word) ? worth.description : 0
}

/** Words of a text or of a name in any of the usual spellings, in small letters. */
function wordsOf(text: string): string[] {
  return (
    text
      .slice(0, longestText)
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, mostWords) ?? []
  )
}

/** A description is not a book, and a query is none either. */
const longestText = 4_000
const mostWords = 400
