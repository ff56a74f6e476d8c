import type { TokenStore } from '../token-store.js'
import { createFileTokenStore } from './file-token-store.js'
import { loadKeyring } from './keyring.js'
import { createSealKey, isSealKey, seal, unseal } from './sealed-text.js'
import { StoreError } from './store-error.js'

/**
 * Keeps grants in a folder, as `createFileTokenStore` does, each encrypted with a key of its own that only the keyring of
 * the operating system holds: Keychain, Credential Manager, or a Secret Service such as GNOME Keyring. The grant itself
 * would not fit there: Windows takes 2560 bytes. Needs the package `@napi-rs/keyring`, which nothing else loads.
 * @throws `CONFIG_INVALID` when `folder` is not a path, the package is not installed or no keyring answers
 */
export async function createKeyringTokenStore(folder: string): Promise<TokenStore> {
  const files = createFileTokenStore(folder)
  const keyring = await loadKeyring()
  return {
    ...files,
    async load(name) {
      const text = await files.load(name)
      if (text === undefined) return undefined
      const key = await keyring.get(name)
      const opened = isSealKey(key) ? unseal(text, key, name) : undefined
      if (opened === undefined) throw new StoreError('EKEYREJECTED', 'holds what no key in the keyring opens')
      return opened
    },
    async save(name, text) {
      const held = await keyring.get(name)
      const key = isSealKey(held) ? held : createSealKey()
      if (key !== held) await keyring.set(name, key)
      await files.save(name, seal(text, key, name))
    },
    async delete(name) {
      try {
        // Without its key the file is worth nothing, also when it cannot be removed.
        await keyring.delete(name)
      } finally {
        await files.delete(name)
      }
    },
  }
}
