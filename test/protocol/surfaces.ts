/** The surface server as entries of a configuration, in every era and over every transport. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

import { startHttpSurface } from './servers/http.mjs'

const program = fileURLToPath(new URL('servers/stdio.mjs', import.meta.url))

export interface StdioSurface {
  readonly entry: object
  /** How many processes it was started as. */
  starts(): number
}

export function stdioSurface(era: 'both' | 'modern', entry: object = {}): StdioSurface {
  const folder = mkdtempSync(join(tmpdir(), 'surface-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const journal = join(folder, 'journal')
  return {
    entry: { command: process.execPath, args: [program, era], env: { JOURNAL: journal }, ...entry },
    starts: () => readFileSync(journal, 'utf8').trim().split('\n').length,
  }
}

export async function httpSurface(options: Parameters<typeof startHttpSurface>[0] = {}) {
  const surface = await startHttpSurface(options)
  onTestFinished(() => surface.close())
  return surface
}
