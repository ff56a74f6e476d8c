import type { Path, Tell } from './findings.js'
import { parsePlaceholders } from './placeholders.js'

/** Where a text goes decides what an unknown placeholder is: programs may have a use for it, everything else has none. */
export type Placement = 'program' | 'setting'

/** A number or truth value as the text it must have been meant to be. */
export function asText(value: unknown, at: Path, label: string, tell: Tell): string {
  if (typeof value === 'string') return value
  tell('coerced', at, `"${label}" is read as a string, got ${typeof value}`)
  return String(value)
}

/** A text without blanks around it: they are never meant in a path or an address. */
export function trimmed(text: string, at: Path, label: string, tell: Tell): string {
  if (text === text.trim()) return text
  tell('whitespace', at, `"${label}" has blanks around it, which are left out`)
  return text.trim()
}

/** Tells of everything in a text that looks like a placeholder, and is none or needs something. Never shows the text. */
export function checkText(text: string, at: Path, label: string, tell: Tell, placement: Placement = 'setting'): void {
  const parts = parsePlaceholders(text)
  for (const part of parts) {
    if (part.kind === 'input') tell('needs-input', at, `"${label}" asks for the input "${part.id}"`)
    if (part.kind === 'unknown') {
      const severity = placement === 'program' ? 'warning' : 'error'
      tell('bad-placeholder', at, `"${label}" holds a placeholder that is not known`, {
        severity,
        hint: hintFor(part.source),
      })
    }
  }
  const literal = parts.map((part) => (part.kind === 'text' ? part.text : ' ')).join('')
  if (/(?<![$\\])\$[A-Za-z_]/.test(literal) || /%[A-Z_][A-Z0-9_]{2,}%/.test(literal)) {
    tell('bare-dollar', at, `"${label}" holds a variable without braces, which is left as it is`, {
      hint: 'write ${NAME}',
    })
  }
  if (/\{(?:env|file):[^{}]*\}|\{\{[^{}]*\}\}/.test(literal)) {
    tell('foreign-placeholder', at, `"${label}" holds a placeholder of another client, which is left as it is`, {
      hint: 'write ${NAME}',
    })
  }
  if (/\bYOUR[_-]|<\w[^<>]*>/i.test(literal)) tell('placeholder-value', at, `"${label}" seems not to be filled in yet`)
}

function hintFor(source: string): string {
  if (source.startsWith('${{')) return '${{ … }} is not understood here, write ${NAME}'
  if (source.indexOf('${', 2) > 0) return 'placeholders cannot be nested'
  const scheme = /^\$\{(?<scheme>[A-Za-z]+):(?!-)/.exec(source)?.groups?.['scheme']
  if (scheme && scheme !== 'env' && scheme !== 'input') return `there is no resolver "${scheme}"`
  return 'known are ${NAME}, ${NAME:-default}, ${env:NAME} and ${input:id}; $${ is a literal ${'
}
