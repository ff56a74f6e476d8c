import { spawn } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

import { until } from '../actors/stdio-fixture.js'
import { folderOf, mainPath, plainEnvironment } from './command-line.js'

const page = new URL('../../docs/cli.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const cwd = join(import.meta.dirname, 'docs')
const blocks = [...text.matchAll(/```console\n\$ (?<command>[^\n]+)\n(?<output>[\s\S]*?)```/g)].map(({ groups }) => ({
  command: groups?.['command'] ?? '',
  output: groups?.['output'] ?? '',
}))

/** What differs from run to run and from place to place: pids, times, folders. */
function steady(output: string): string {
  return output
    .replaceAll(`${cwd}/`, '/home/me/project/')
    .replace(/pid \d+/g, 'pid 4711')
    .replace(/in \d+ ms/g, 'in 20 ms')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:40911')
}

/** What a command says that would go on for ever, when it is time for Ctrl-C. */
function lastWords(command: string): string | undefined {
  if (command.includes('run -c')) return 'is ready'
  return command.includes('serve -c') ? 'Listening on' : undefined
}

/** Runs a command as the page shows it, both outputs in one, and presses Ctrl-C when it serves. */
async function outputOf(command: string): Promise<string> {
  const home = folderOf()
  const script = join(home, 'mcpvisor')
  writeFileSync(script, `#!/bin/sh\nexec '${process.execPath}' '${mainPath}' "$@"\n`)
  chmodSync(script, 0o755)
  const env = { ...plainEnvironment('/home/me'), PATH: [home, process.env['PATH']].join(delimiter) }
  const child = spawn('sh', ['-c', `exec 2>&1; exec ${command}`], { cwd, env: { ...env, XDG_STATE_HOME: home } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const ended = new Promise((resolve) => child.on('close', resolve))
  const serves = lastWords(command)
  if (serves !== undefined) {
    await until(() => output.includes(serves))
    output += '^C\n'
    child.kill('SIGINT')
  }
  await ended
  return steady(output)
}

describe('docs/cli.md', () => {
  it('shows the configuration of its examples as it is', () => {
    expect(text).toContain(
      `<!-- test/cli/docs/mcp.json -->\n\`\`\`json\n${readFileSync(join(cwd, 'mcp.json'), 'utf8')}\`\`\``,
    )
  })

  it.each(blocks)('shows what "$command" prints', async ({ command, output }) => {
    const printed = await outputOf(command)
    // `UPDATE_DOCS=1 npx vitest run test/cli/docs.test.ts` writes the page anew.
    if (process.env['UPDATE_DOCS']) {
      const whole = readFileSync(page, 'utf8')
      writeFileSync(
        page,
        whole.replace(`$ ${command}\n${output}\`\`\``, () => `$ ${command}\n${printed}\`\`\``),
      )
    } else {
      expect(printed).toBe(output)
    }
  })
})
