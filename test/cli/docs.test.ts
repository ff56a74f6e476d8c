import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

import { until } from '../actors/stdio-fixture.js'
import { createProgram } from '../../src/cli/program.js'
import { folderOf, mainPath, plainEnvironment } from './command-line.js'
import { type Scene, scenes } from './docs-scenes.js'

const page = new URL('../../docs/cli.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const examples = join(import.meta.dirname, 'docs')
const blocks = [...text.matchAll(/```console\n\$ (?<command>[^\n]+)\n(?<output>[\s\S]*?)```/g)].map(({ groups }) => ({
  command: groups?.['command'] ?? '',
  output: groups?.['output'] ?? '',
}))

/** What differs from run to run and from place to place: pids, times, versions, limits, folders. */
function steady(output: string, cwd: string): string {
  return (
    output
      .replaceAll(`${cwd}/`, '/home/me/project/')
      .replace(/\S+\/runtime\/mcpvisor/g, '/run/user/1000/mcpvisor')
      .replace(/\S+\/state\/mcpvisor/g, '/home/me/.local/state/mcpvisor')
      .replace(/pid \d+/g, 'pid 4711')
      .replace(/ +PID/g, '   PID')
      .replace(/^(memory +\w+) +\d+(?= )/gm, '$1  4711')
      .replace(/in \d+ ms/g, 'in 20 ms')
      .replace(/^ +[\d.]+ m?s ago/gm, '     2.0 s ago')
      .replace(/v\d+\.\d+\.\d+, mcpvisor \S+ \w+ \w+/g, 'v22.12.0, mcpvisor 0.0.0, linux x64')
      .replace(/at most (\d+|as many as the system has)/g, 'at most 65536')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:40911')
      .replace(/authorize\?\S+/, 'authorize?…')
      // Either may come first.
      .replace(/^(Listening on .*\n)(memory is idle\n)/m, '$2$1')
  )
}

/** What a command says that would go on for ever, when it is time for Ctrl-C. */
function lastWords(command: string): readonly string[] | undefined {
  if (command.includes('run -c')) return ['is ready']
  return command.includes('serve -c') ? ['is idle', 'Listening on'] : undefined
}

/** Launchers that the page has: the examples do not depend on those of this machine. */
const launchers = { npx: '11.6.2', docker: 'Docker version 28.2.2, build e6534b4', python3: 'Python 3.13.1' }

/** A home with `mcpvisor` in its `bin`, and a shell that runs commands there with both outputs in one. */
function surroundings(command: string, scene: Scene | undefined) {
  const home = folderOf(scene?.files)
  const programs = { mcpvisor: `exec '${process.execPath}' '${mainPath}' "$@"` }
  const versions = Object.entries(launchers).map(([name, version]) => [name, `echo '${version}'`] as const)
  const isOfMachine = command === 'mcpvisor doctor'
  for (const [name, script] of [...Object.entries(programs), ...(isOfMachine ? versions : [])]) {
    writeFileSync(join(home, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(home, name), 0o755)
  }
  const { HTTP_PROXY: _, HTTPS_PROXY: __, http_proxy: ___, https_proxy: ____, ...rest } = plainEnvironment('/home/me')
  const env = {
    ...rest,
    PATH: isOfMachine ? home : [home, process.env['PATH']].join(delimiter),
    XDG_STATE_HOME: join(home, 'state'),
    XDG_RUNTIME_DIR: join(home, 'runtime'),
    MEMORY_FILE: join(home, 'memory.jsonl'),
  }
  const cwd = scene ? home : examples
  return { cwd, start: (line: string) => startShell(line, cwd, env) }
}

function startShell(line: string, cwd: string, env: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn('/bin/sh', ['-c', `exec 2>&1; exec ${line}`], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const ended = new Promise((resolve) => child.on('close', resolve))
  /** Waits until it has said something, and presses Ctrl-C. */
  async function interruptAfter(...words: readonly string[]) {
    await until(() => words.every((said) => output.includes(said)))
    output += '^C\n'
    child.kill('SIGINT')
  }
  return { ended, interruptAfter, says: (words: string) => until(() => output.includes(words)), output: () => output }
}

/** Of these the page shows what a running instance answers. */
const asksInstance = /^mcpvisor (status|logs|start|stop|restart|tools|call)\b/

/** Runs a command as the page shows it, beside an instance where it asks one, and presses Ctrl-C when it serves. */
async function outputOf(command: string): Promise<string> {
  const scene = await scenes[command.split(' ')[1] ?? '']?.()
  const { cwd, start } = surroundings(command, scene)
  await scene?.before?.(start)
  const instance = asksInstance.test(command) ? start('mcpvisor run -c mcp.json') : undefined
  await instance?.says('is ready')
  const shown = start(command)
  await scene?.meanwhile?.(shown)
  const serves = lastWords(command)
  if (serves) await shown.interruptAfter(...serves)
  await shown.ended
  const printed = steady(shown.output(), cwd)
  await instance?.interruptAfter()
  await instance?.ended
  return printed
}

describe('docs/cli.md', () => {
  it('shows the configuration of its examples as it is', () => {
    expect(text).toContain(
      `<!-- test/cli/docs/mcp.json -->\n\`\`\`json\n${readFileSync(join(examples, 'mcp.json'), 'utf8')}\`\`\``,
    )
  })

  it('shows what each verb prints', () => {
    const verbs = createProgram(() => {}).commands.flatMap((verb) =>
      verb.commands.length === 0 ? verb.name() : verb.commands.map((below) => `${verb.name()} ${below.name()}`),
    )
    expect(
      verbs.filter((verb) => !blocks.some(({ command }) => `${command} `.startsWith(`mcpvisor ${verb} `))),
    ).toEqual([])
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
