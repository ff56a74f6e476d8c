/** The built command line as a script uses it: a process with pipes, signals and an exit code. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

import { until } from '../actors/stdio-fixture.js'

export const mainPath = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly pid: number
  stdout(): string
  stderr(): string
  /** Waits until stderr holds the text. */
  says(text: string): Promise<void>
  readonly ended: Promise<Ended>
}

export interface Surroundings {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What `mcpvisor` is: the built one, unless it is said. */
  readonly program?: readonly [string, ...string[]]
}

const built = [process.execPath, mainPath] as const

/** A folder that is removed after the test, with these files. */
export function folderOf(files: Readonly<Record<string, unknown>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpvisor-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  }
  return folder
}

/** Without the colours, the home and the configuration of whoever runs the tests. */
export function plainEnvironment(home: string): NodeJS.ProcessEnv {
  const { NO_COLOR: _, FORCE_COLOR: __, MCPVISOR_CONFIG: ___, CI: ____, MCPVISOR_OUTPUT: _____, ...env } = process.env
  return {
    ...env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_STATE_HOME: join(home, 'state'),
    XDG_RUNTIME_DIR: join(home, 'runtime'),
  }
}

/** Starts `mcpvisor` with these arguments; it does not outlive the test. */
export function startCommand(
  args: readonly string[],
  { cwd = folderOf(), env = {}, program: [command, ...before] = built }: Surroundings = {},
): RunningCommand {
  return watchChild(spawn(command, [...before, ...args], { cwd, env: { ...plainEnvironment(cwd), ...env } }))
}

/** Runs `mcpvisor` to its end. */
export function runCommand(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return startCommand(args, surroundings).ended
}

/** Whether a program is on this machine. Tests that need it are skipped without it, and say so. */
export function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

/** Starts `mcpvisor` on a terminal. The outputs are one. */
export function startOnTerminal(
  args: readonly string[],
  { cwd = folderOf(), env = {}, program = built }: Surroundings = {},
) {
  const command = [...program, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...plainEnvironment(cwd), ...env, TERM: 'xterm' },
  })
  return watchChild(child)
}

/** Runs `mcpvisor` on a terminal whose keyboard types `input` when something is asked. */
export function runOnTerminal(args: readonly string[], input: string, surroundings?: Surroundings) {
  const running = startOnTerminal(args, surroundings)
  if (input !== '') void until(() => running.stdout().includes('[y/N]')).then(() => running.child.stdin?.write(input))
  return running.ended
}

function watchChild(child: ReturnType<typeof spawn>): RunningCommand {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (text) => until(() => stderr.includes(text)),
    ended,
  }
}
