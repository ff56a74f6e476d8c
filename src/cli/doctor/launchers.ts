import { execFile } from 'node:child_process'

import type { Terminal } from '../terminal.js'
import type { Observation } from './observation.js'

/** Programs that most servers are started by, and where they come from. */
const launchers = [
  ['npx', 'install Node with npm'],
  ['uvx', 'install uv: https://docs.astral.sh/uv'],
  ['docker', 'install Docker'],
  ['bunx', 'install Bun'],
  ['deno', 'install Deno'],
  ['python3', 'install Python'],
] as const

/** A launcher that is slower than this is of no use to a server either. */
const patienceMs = 5_000

export function observeLaunchers(env: Terminal['env']): Promise<readonly Observation[]> {
  return Promise.all(launchers.map(([name, remedy]) => observeLauncher(name, remedy, env)))
}

function observeLauncher(name: string, remedy: string, env: Terminal['env']): Promise<Observation> {
  return new Promise((resolve) => {
    const options = { timeout: patienceMs, env, windowsHide: true, shell: process.platform === 'win32' }
    execFile(name, ['--version'], options, (error, stdout) => {
      const [version = ''] = stdout.trim().split('\n')
      if (!error) resolve({ subject: name, is: 'ok', found: version })
      else if (error.code === 'ENOENT')
        resolve({
          subject: name,
          is: 'note',
          found: 'is not on the PATH',
          remedy: `for servers that need it: ${remedy}`,
        })
      else if (error.killed)
        resolve({
          subject: name,
          is: 'problem',
          found: `did not answer within ${patienceMs} ms`,
          remedy: `run "${name} --version" and see what it waits for`,
        })
      else
        resolve({
          subject: name,
          is: 'problem',
          found: `cannot say its version: ${error.message.split('\n')[0] ?? ''}`,
          remedy: `run "${name} --version"`,
        })
    })
  })
}
