import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

import { configOf, until } from '../support/fixture-servers.js'
import { folderOf, isThere, mainPath, plainEnvironment, runCommand, startCommand } from './command-line.js'

const shells = [
  { shell: 'bash', start: 'bash --norc -i', load: 'eval "$(mcpvisor completion bash)"' },
  {
    shell: 'zsh',
    start: 'zsh -f -i',
    load: 'autoload -Uz compinit; compinit -u -D; eval "$(mcpvisor completion zsh)"',
  },
  { shell: 'fish', start: 'fish --no-config -i', load: 'mcpvisor completion fish | source' },
]

/** A folder where `mcpvisor` is the built one, but says its words instead of doing what changes something. */
function surroundings() {
  const names = ['github', 'my server', 'a$b', 'files']
  const idle = { command: 'none', supervisor: { start: 'lazy' } }
  const cwd = folderOf({
    'mcp.json': configOf(Object.fromEntries(names.map((name) => [name, idle]))),
    'with blank.json': '{}',
  })
  const bin = join(cwd, 'bin')
  mkdirSync(bin)
  const real = `exec '${process.execPath}' '${mainPath}' "$@"`
  const stub = `case $1 in restart|call|check) printf '<%s>' said "$@"; echo;; *) ${real};; esac`
  writeFileSync(join(bin, 'mcpvisor'), `#!/bin/sh\n${stub}\n`)
  chmodSync(join(bin, 'mcpvisor'), 0o755)
  const environment = plainEnvironment(cwd)
  return { cwd, env: { ...environment, TERM: 'xterm', PATH: [bin, environment['PATH']].join(delimiter) } }
}

/** An interactive shell on a terminal, at whose keyboard we sit. */
function typeInto(start: string, { cwd, env }: ReturnType<typeof surroundings>) {
  const child = spawn('script', ['-qec', start, '/dev/null'], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk))
  const ended = new Promise((resolve) => child.on('close', resolve))
  return {
    type: (keys: string) => void child.stdin.write(keys),
    /** Fails with the end of what is shown. */
    shows: (text: string) => until(() => shown.includes(text)).catch(() => expect(shown.slice(-800)).toContain(text)),
    ended,
  }
}

const canType = isThere('script')

describe('mcpvisor completion', () => {
  for (const { shell, start, load } of shells) {
    it.skipIf(!canType || !isThere(shell))(
      `completes verbs, options, files and running servers in ${shell}`,
      async () => {
        const place = surroundings()
        const run = startCommand(['run', '-c', 'mcp.json'], { cwd: place.cwd })
        await run.says('Supervising')
        const { type, shows, ended } = typeInto(start, place)
        type(`${load}; echo lo''aded\r`)
        await shows('loaded')
        for (const [keys, words] of [
          ['mcpvisor resta\tgith\t', 'restart><github'],
          ['mcpvisor restart my\t', 'restart><my server'],
          ['mcpvisor restart "my s\t', 'restart><my server'],
          ['mcpvisor restart --wa\t', 'restart><--wait'],
          ['mcpvisor check with\t', 'check><with blank.json'],
          ['mcpvisor call gith\techo', 'call><github.echo'],
          ...(shell === 'bash' ? [['mcpvisor restart a\t', 'restart><a$b']] : []),
        ] as const) {
          type(`${keys}\r`)
          await shows(`<said><${words}>`)
        }
        type('exit\r')
        await ended
        run.child.kill('SIGTERM')
        expect(await run.ended).toMatchObject({ code: 0 })
      },
    )
  }

  it('knows every verb in every shell, and no other shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await runCommand(['completion', shell])
      expect(code).toBe(0)
      for (const verb of ['check', 'run', 'serve', 'status', 'tools', 'call', 'doctor', 'import']) {
        expect(stdout).toContain(verb)
      }
    }
    expect(await runCommand(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' })
  })
})
