/** A keyring of the operating system on a message bus of its own: GNOME Keyring, unlocked, that nobody else reaches. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

import { until } from './fixture-servers.js'

const programs = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon']

/** Whether this machine can have one: the programs are there (Debian: `apt install dbus gnome-keyring`). */
export const hasSecretService =
  process.platform === 'linux' && programs.every((program) => !spawnSync(program, ['--version']).error)

export interface SecretService {
  /** What brings a process to it. */
  readonly env: Readonly<Record<string, string>>
  /** It answers nobody, as one does that waits for a person. */
  freeze(): void
  thaw(): void
}

/** Nothing on this bus is started because somebody asks for it. */
const bus = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

/** A bus without a keyring, until the test ends. */
export async function messageBus(): Promise<SecretService> {
  const home = mkdtempSync(join(tmpdir(), 'mcpvisor-bus-'))
  const config = join(home, 'bus.conf')
  writeFileSync(config, bus)
  const daemon = started('dbus-daemon', [`--config-file=${config}`, '--print-address', '--nofork', '--nopidfile'])
  const address = (await daemon.says('unix:')).trim()
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const folders = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: join(home, 'runtime') }
  mkdirSync(folders.XDG_RUNTIME_DIR, { mode: 0o700 })
  const signal = (name: NodeJS.Signals) => () => void daemon.child.kill(name)
  const env = { ...folders, DBUS_SESSION_BUS_ADDRESS: address }
  return { env, freeze: signal('SIGSTOP'), thaw: signal('SIGCONT') }
}

/** A bus with a keyring that is open, until the test ends. */
export async function secretService(): Promise<SecretService> {
  const service = await messageBus()
  const args = ['--foreground', '--unlock', '--components=secrets']
  const daemon = started('gnome-keyring-daemon', args, service.env)
  daemon.child.stdin?.end('password\n')
  await until(() => isServed(service.env))
  return service
}

function isServed(env: SecretService['env']): boolean {
  const asked = ['/', 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']
  const args = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', ...asked]
  return spawnSync('dbus-send', args, { env: { ...process.env, ...env } }).stdout.includes('true')
}

function started(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return {
    child,
    async says(text: string): Promise<string> {
      await until(() => output.includes(text))
      return output
    },
  }
}
