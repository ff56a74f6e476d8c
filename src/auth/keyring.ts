import { setTimeout as sleep } from 'node:timers/promises'
import { SupervisorError, failure } from '../errors.js'
import { StoreError } from './store-error.js'
import { createTurns } from './turns.js'

/** The keyring of the operating system: short secrets of this user, by name. */
export interface Keyring {
  get(name: string): Promise<string | undefined>
  set(name: string, secret: string): Promise<void>
  delete(name: string): Promise<void>
}

const service = 'mcpvisor'
/** A keyring that is locked asks the person to open it, and nobody may be there. */
const patienceMs = 20_000
/** Each access takes one of the few threads of Node, and a prompt may hold it for long: one at a time, in this process. */
const turns = createTurns()

/**
 * Loads the optional package that reaches the keyring, and looks whether it answers.
 * @throws `CONFIG_INVALID` when the package is not installed or no keyring answers
 */
export async function loadKeyring(): Promise<Keyring> {
  const { AsyncEntry } = await load()
  // Left to itself it would take that of the kernel, which forgets everything when the machine is turned off.
  const entry = (name: string) => new AsyncEntry(service, name, { linux: { store: 'secret-service' } })
  const keyring: Keyring = {
    get: async (name) => (await access(() => entry(name).getPassword())) ?? undefined,
    set: (name, secret) => access(() => entry(name).setPassword(secret)),
    delete: async (name) => void (await access(() => entry(name).deletePassword())),
  }
  // Nothing is kept under this name, so no keyring asks to be opened for it.
  await keyring.get('does-it-answer').catch((error: unknown) => {
    throw unusable(error instanceof StoreError ? error.reason : String(error), error)
  })
  return keyring
}

async function load() {
  try {
    return await import('@napi-rs/keyring')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    const why = isMissing ? 'is not installed: npm install @napi-rs/keyring' : `cannot be loaded: ${messageOf(error)}`
    throw unusable(`needs the package "@napi-rs/keyring", which ${why}`, error)
  }
}

async function access<T>(run: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = sleep(patienceMs, undefined, { signal: over.signal }).then(() => {
    throw new StoreError('ETIMEDOUT', `waited for the keyring for ${patienceMs} ms: it may ask to be unlocked`)
  })
  try {
    return await Promise.race([turns.take(service, run, over.signal), late])
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError('EKEYRING', `could not use the keyring: ${messageOf(error)}`)
  } finally {
    over.abort()
  }
}

function unusable(why: string, cause: unknown): SupervisorError {
  return new SupervisorError(failure('CONFIG_INVALID', `The keyring token store ${why}`, { phase: 'config' }), cause)
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n', 1).join() : String(error)
