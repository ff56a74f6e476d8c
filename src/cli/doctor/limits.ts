import { readFile } from 'node:fs/promises'

import type { Observation } from './observation.js'

/** Three for the pipes of each server, and room for the rest. */
const enoughFiles = 1_024

/** How many files and processes this user may have, where the system tells. */
export async function observeLimits(): Promise<readonly Observation[]> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const limitOf = (name: string): number | undefined => {
    const soft = new RegExp(`^${name} +(?<soft>\\S+)`, 'm').exec(text)?.groups?.['soft']
    return soft === 'unlimited' ? Infinity : soft === undefined ? undefined : Number(soft)
  }
  const files = limitOf('Max open files')
  const processes = limitOf('Max processes')
  return [
    ...(files === undefined ? [] : [observe('files', files, enoughFiles, 'raise it: "ulimit -n 4096"')]),
    ...(processes === undefined ? [] : [observe('processes', processes, 256, 'raise it: "ulimit -u 4096"')]),
  ]
}

function observe(subject: string, limit: number, enough: number, remedy: string): Observation {
  const found = `at most ${limit === Infinity ? 'as many as the system has' : limit}`
  return limit >= enough ? { subject, is: 'ok', found } : { subject, is: 'problem', found, remedy }
}
