/**
 * Where the grants of authorization servers are kept between runs: one text for each key. The text holds tokens and
 * client secrets; a key is a hash that tells nothing, safe as a file name.
 */
export interface TokenStore {
  /** Resolves with the text last saved under the key, or undefined. */
  load(key: string): Promise<string | undefined>
  /** Replaces the text as a whole: whoever loads sees the one before or this one, never a part. */
  save(key: string, text: string): Promise<void>
  delete(key: string): Promise<void>
  /**
   * Runs `work` while nobody else who shares the store runs any for the same key, so that no refresh token is used
   * twice. Rejects as `work` does, or when `signal` is aborted while it waits. Left out, only this process takes turns.
   */
  exclusively?<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
}
