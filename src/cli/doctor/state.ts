import { access, constants, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Terminal } from '../terminal.js'
import type { Observation } from './observation.js'

/** Whether tokens, catalogues and consent can be kept. Nothing is made to find out. */
export async function observeState(env: Terminal['env']): Promise<Observation> {
  const folder = join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'mcpvisor')
  const subject = 'state'
  const problem = await whyUnwritable(folder)
  if (problem === undefined) return { subject, is: 'ok', found: `tokens and catalogues are kept in ${folder}` }
  const remedy = 'set XDG_STATE_HOME to a folder of your own'
  return { subject, is: 'problem', found: `nothing can be kept in ${folder}: ${problem}`, remedy }
}

/** Of a folder that is not there yet, what keeps it from being made. */
async function whyUnwritable(folder: string): Promise<string | undefined> {
  try {
    const stats = await stat(folder)
    if (!stats.isDirectory()) return `${folder} is no folder`
    await access(folder, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' && dirname(folder) !== folder ? whyUnwritable(dirname(folder)) : code
  }
}
