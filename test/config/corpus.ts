import { readFileSync } from 'node:fs'
import { decodeText } from '../../src/config/source-text.js'

/** What a file of the corpus is expected to be judged. */
export interface CorpusFile {
  readonly file: string
  readonly verdict: string
  readonly codes: readonly string[]
  readonly servers: Readonly<Record<string, { readonly verdict: string; readonly codes: readonly string[] }>>
}

const directory = new URL('../fixtures/config-corpus/', import.meta.url)

export const corpus: readonly CorpusFile[] = JSON.parse(readFileSync(new URL('index.json', directory), 'utf8')).entries

export function textOf(file: string): string {
  return decodeText(readFileSync(new URL(file, directory)))
}

/** The codes that make a verdict: what is only information may differ, and an error stands for a warning of its kind. */
export function decisive(codes: readonly string[]): string[] {
  const isMilder = (code: string) => code.startsWith('warning:') && codes.includes(code.replace('warning', 'error'))
  return [...new Set(codes.filter((code) => !code.startsWith('info:') && !isMilder(code)))].toSorted()
}
