import type { TokenStore } from '../token-store.js'
import { type Grant, parseGrant } from './grant.js'
import { StoreError } from './store-error.js'
import { createTurns } from './turns.js'

/** The grant of one resource: what the store holds, or what is held here while the store fails. */
export interface Vault {
  /** As it was last loaded or saved. */
  readonly grant: Grant
  /** Reads it again: another process may have renewed it. Never fails. */
  reload(): Promise<Grant>
  /** Takes it over at once, then keeps it. Never fails. */
  save(grant: Grant): Promise<void>
  forget(): Promise<void>
  /** Runs work that nobody else does for this resource at the same time, in any process that shares the store. */
  exclusively<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export interface VaultParts {
  readonly key: string
  readonly store: TokenStore
  /** Told when the store begins to fail. */
  readonly failed: (message: string) => void
  readonly loaded: (grant: Grant) => void
}

/** For stores that cannot make others wait. */
const turnsOfProcess = createTurns()

export function createVault({ key, store, failed, loaded }: VaultParts): Vault {
  let grant: Grant = {}
  /** What is held here is newer than the store. */
  let isUnsaved = false
  /** What of it fails: that it begins to is told, and each further part of it is not. */
  const failing = new Set<string>()

  /** Runs one access to the store; `undefined` when it failed. */
  async function tried<T>(what: string, access: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      const value = await access()
      failing.delete(what)
      return { value }
    } catch (error) {
      fail(what, `could not be ${what}: ${reasonOf(error)}`)
      return undefined
    }
  }

  function fail(what: string, message: string): void {
    if (failing.size === 0) failed(`The token store ${message}`)
    failing.add(what)
  }

  function read(text: string | undefined): Grant {
    const parsed = text === undefined ? {} : parseGrant(text)
    if (parsed) failing.delete('understood')
    else fail('understood', 'holds a text that is no grant: it is as if there were none')
    return parsed ?? {}
  }

  return {
    get grant() {
      return grant
    },
    async reload() {
      if (isUnsaved) return grant
      const text = await tried('read', () => store.load(key))
      if (text) grant = read(text.value)
      loaded(grant)
      return grant
    },
    async save(next) {
      grant = next
      loaded(grant)
      const text = JSON.stringify(next)
      isUnsaved = (await tried('written', () => store.save(key, text))) === undefined
    },
    async forget() {
      grant = {}
      isUnsaved = (await tried('emptied', () => store.delete(key))) === undefined
    },
    async exclusively(work, signal) {
      if (!store.exclusively) return turnsOfProcess.take(key, work, signal)
      let hasBegun = false
      const begin = () => {
        hasBegun = true
        failing.delete('locked')
        return work()
      }
      try {
        return await store.exclusively(key, begin, signal)
      } catch (error) {
        if (hasBegun || signal.aborted) throw error
        fail('locked', `could not be locked: ${reasonOf(error)}`)
        return turnsOfProcess.take(key, work, signal)
      }
    },
  }
}

/** The code of a system error says enough, and its message names paths. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error instanceof StoreError) return `${error.code}, it ${error.reason}`
  return 'code' in error ? String(error.code) : error.message
}
