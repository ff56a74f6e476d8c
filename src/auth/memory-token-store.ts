import type { TokenStore } from '../token-store.js'
import { createTurns } from './turns.js'

/** A store that lasts as long as the process. */
export function createMemoryTokenStore(): TokenStore {
  const texts = new Map<string, string>()
  const turns = createTurns()
  return {
    load: async (key) => texts.get(key),
    save: async (key, text) => void texts.set(key, text),
    delete: async (key) => void texts.delete(key),
    exclusively: turns.take,
  }
}
