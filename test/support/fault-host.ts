/** A host: a process of its own that embeds mcpvisor, so that it can be killed, stopped and starved. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { configOf } from './fixture-servers.js'

export interface Host {
  readonly process: ChildProcess
  /** The next line that the host said with `say`. */
  heard(): Promise<unknown>
  /** Resolves with how it ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface HostOptions {
  /** Options of Node. */
  readonly node?: readonly string[]
  /** Options of `prlimit` (Linux). */
  readonly limits?: readonly string[]
}

/**
 * Starts a host that has a `supervisor` of these servers and runs `script`, in which `say(value)` speaks to the test.
 * It is killed after the test.
 */
export function startHost(
  build: string,
  servers: Readonly<Record<string, unknown>>,
  script: string,
  { node = [], limits = [] }: HostOptions = {},
): Host {
  const code = `
    import { createSupervisor } from ${JSON.stringify(join(build, 'index.js'))}
    const say = (value) => console.log(JSON.stringify(value))
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const config = ${JSON.stringify(configOf(servers))}
    const supervisor = createSupervisor(config)
    ${script}
  `
  const limited = limits.length > 0 ? ['prlimit', ...limits] : []
  const args = [...limited, process.execPath, ...node, '--input-type=module', '-e', code]
  const host = spawn('env', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(host, 'exit').then(([status, signal]) => ({
    code: status as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  onTestFinished(async () => {
    host.kill('SIGKILL')
    await exited
  })
  const lines = createInterface({ input: host.stdout })[Symbol.asyncIterator]()
  return {
    process: host,
    exited,
    async heard() {
      const { value, done } = await lines.next()
      if (done) throw new Error('the host said nothing more')
      return JSON.parse(value) as unknown
    },
  }
}
