import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What is wanted of the keyring. */
export interface KeyringQuestion {
  readonly action: 'get' | 'set' | 'delete'
  readonly service: string
  readonly name: string
  readonly secret?: string | undefined
}

export interface KeyringAnswer {
  readonly value?: unknown
  readonly error?: { readonly code?: string; readonly message: string }
}

const program = fileURLToPath(new URL('./keyring-process.js', import.meta.url))

/**
 * Asks the keyring in a process of its own, which is ended when it takes too long: then it resolves with undefined. What
 * is asked goes through a pipe, where nobody else sees it.
 */
export async function askKeyring(question: KeyringQuestion, withinMs: number): Promise<KeyringAnswer | undefined> {
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // The program may be one that is Node only when it is told so.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeout: withinMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  // It ended before it had read: how it ended says more.
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(question)}\n`)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (said !== '') return JSON.parse(said) as KeyringAnswer
    return child.killed ? undefined : failed(`its process ended with ${code}`)
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}

const failed = (message: string): KeyringAnswer => ({ error: { message } })
