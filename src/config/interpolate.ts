import { type Part, parsePlaceholders } from './placeholders.js'

/** A placeholder that stands for something. */
export type Placeholder = Exclude<Part, { kind: 'text' | 'unknown' }>

/** What a placeholder stands for; undefined when nothing does. */
export type Lookup = (placeholder: Placeholder) => string | undefined

/** Replaces the placeholders of a value, once. What is no placeholder of ours stays as it is. */
export function interpolate(value: string, lookup: Lookup): string {
  return parsePlaceholders(value)
    .map((part) => {
      if (part.kind === 'text') return part.text
      return part.kind === 'unknown' ? part.source : (lookup(part) ?? '')
    })
    .join('')
}

/** The placeholders of a value, in order. */
export function placeholdersOf(value: string): Placeholder[] {
  return parsePlaceholders(value).filter((part) => part.kind !== 'text' && part.kind !== 'unknown')
}
