import { createScanner } from 'jsonc-parser'
import { deepestLevel } from './plain-data.js'

/** A configuration file as text: UTF-8, or UTF-16 as some Windows shells write it. The mark at its start is left out. */
export function decodeText(bytes: Uint8Array): string {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex')
  return new TextDecoder(mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8').decode(bytes)
}

/** The format a text is in when it is none that we read. Known by its first lines, never by the name of a file. */
export function foreignFormat(text: string): 'TOML' | 'YAML' | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line))
  const first = lines[0] ?? ''
  // An array may stand alone on its line too: only a header followed by an assignment is TOML.
  if (/^\s*\[[\w."' -]+\]\s*$/.test(first) && lines.slice(1).some((line) => /^\s*[\w."-]+\s*=/.test(line)))
    return 'TOML'
  if (/^\s*[\w."-]+\s*=\s*\S/.test(first)) return 'TOML'
  if (/^(?:---|%YAML\b)/.test(first) || /^[\w-]+\s*:(?:\s|$)/.test(first)) return 'YAML'
  return undefined
}

/** Where a text is nested deeper than any configuration, if it is. */
export function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true)
  let level = 0
  while (scanner.getPosition() < text.length) {
    scanner.scan()
    const sign = text[scanner.getTokenOffset()]
    if (sign === '{' || sign === '[') level++
    if (sign === '}' || sign === ']') level--
    if (level > deepestLevel) return scanner.getTokenOffset()
  }
  return undefined
}
