import type { GuardedFetch } from './guarded-fetch.js'
import type { Reach } from './lawful-url.js'
import type { AuthSettings } from './settings.js'
import type { Sdk } from './sdk.js'

/** What every step of a flow works with. */
export interface Flow {
  readonly sdk: Sdk
  /** The server, as requests address it. */
  readonly url: URL
  readonly settings: AuthSettings
  readonly reach: Reach
  readonly fetch: GuardedFetch
  /** Hides what the flow holds of secrets. */
  readonly mask: (text: string) => string
  /** Epoch milliseconds. */
  readonly now: () => number
}
