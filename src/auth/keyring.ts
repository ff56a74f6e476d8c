import { SupervisorError, failure } from '../errors.js'
import { type KeyringAnswer, type KeyringQuestion, askKeyring } from './keyring-access.js'
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
const longestWaitMs = 15_000
/** Then it is left alone for so long: a server that waits for its token must not wait for a person again and again. */
const restMs = 60_000
const never = new AbortController().signal

/**
 * Looks whether the keyring answers.
 * @throws `CONFIG_INVALID` when the optional package that reaches it is not installed, or no keyring answers
 */
export async function loadKeyring(patienceMs = longestWaitMs): Promise<Keyring> {
  // Each access may bring a prompt to the screen: one at a time.
  const turns = createTurns()
  let restsUntil = 0

  async function patiently(question: KeyringQuestion): Promise<KeyringAnswer> {
    if (performance.now() >= restsUntil) {
      const answer = await askKeyring(question, patienceMs)
      if (answer) return answer
      restsUntil = performance.now() + restMs
    }
    throw new StoreError('ETIMEDOUT', `waited for the keyring for ${patienceMs} ms: it may ask to be unlocked`)
  }

  async function access(question: Omit<KeyringQuestion, 'service'>): Promise<unknown> {
    const { value, error } = await turns.take(service, () => patiently({ service, ...question }), never)
    if (error) throw problemOf(error)
    return value
  }

  const keyring: Keyring = {
    async get(name) {
      const value = await access({ action: 'get', name })
      return typeof value === 'string' ? value : undefined
    },
    set: async (name, secret) => void (await access({ action: 'set', name, secret })),
    delete: async (name) => void (await access({ action: 'delete', name })),
  }
  // Nothing is kept under this name, so no keyring asks to be opened for it.
  await keyring.get('does-it-answer').catch((error: unknown) => {
    const why = error instanceof StoreError ? error.reason : String(error)
    throw new SupervisorError(failure('CONFIG_INVALID', `The keyring token store ${why}`, { phase: 'config' }), error)
  })
  return keyring
}

function problemOf({ code, message }: NonNullable<KeyringAnswer['error']>): StoreError {
  if (code === 'ERR_MODULE_NOT_FOUND')
    return new StoreError(
      code,
      'needs the package "@napi-rs/keyring", which is not installed: npm install @napi-rs/keyring',
    )
  return new StoreError('EKEYRING', `could not use the keyring: ${message.split('\n', 1).join()}`)
}
