import type { SupervisorError } from '../errors.js'
import type { Challenge } from './challenge.js'
import { FlowError } from './flow-error.js'
import type { Grant } from './grant.js'
import type { Vault } from './vault.js'

/**
 * What an HTTP connection needs of authorization: the header to send, and what to do when it is refused. One for each
 * connection, since attempts are counted by connection.
 */
export interface Credentials {
  /** The value of `Authorization` for the next request; undefined until the server has asked for one. */
  header(): Promise<string | undefined>
  /** The server took a request that carried this header. */
  accepted(sent: string | undefined): void
  /**
   * The server refused a request that carried `sent`; it was not executed. Resolves when it may be sent again with a new
   * header. Any number of requests may ask at the same time: one renewal serves all. `times` is how often the same
   * request was refused by now: others that are taken meanwhile must not make it go on for ever.
   * @throws `AUTH_REQUIRED` when a person has to log in, `AUTH_FAILED` when there is no use in asking again
   */
  refused(challenge: Challenge, sent: string | undefined, times: number): Promise<void>
}

export interface CredentialsParts {
  readonly vault: Vault
  /** Gets a token other than the one that was sent. */
  readonly renew: (challenge: Challenge | undefined, sent: string | undefined) => Promise<void>
  readonly failed: (error: unknown, status?: number) => SupervisorError
  readonly now: () => number
}

/** Attempts in a row without one that the server took, and wider scopes in the life of a connection. */
const mostAttempts = 3
/** So long before its end a token is renewed, or a tenth of its life: so no request meets the end on its way. */
const earlyMs = 30_000
/** After a renewal that came to nothing, the token that is left is used for so long before the next. */
const pauseMs = 10_000

export function createCredentials({ vault, renew, failed, now }: CredentialsParts): Credentials {
  const loaded = vault.reload()
  let renewing: Promise<void> | undefined
  let attempts = 0
  let widened = 0
  /** A header that was just made, and that no request was taken with yet. */
  let unproven: string | undefined
  let earlyAgainAt = 0

  function start(challenge: Challenge | undefined, sent: string | undefined): Promise<void> {
    if (challenge && ++attempts > mostAttempts) throw failed(new FlowError(tooOften), challenge.status)
    if (challenge?.status === 403 && ++widened > mostAttempts) throw failed(new FlowError(tooOften), 403)
    return renew(challenge, tokenIn(sent)).then(() => void (unproven = headerOf(vault.grant)))
  }

  async function renewOnce(challenge: Challenge | undefined, sent: string | undefined): Promise<void> {
    await (renewing ??= start(challenge, sent).finally(() => (renewing = undefined)))
  }

  function isEnding({ expiresAt, tokens }: Grant): boolean {
    if (tokens?.refresh_token === undefined || expiresAt === undefined || now() < earlyAgainAt) return false
    return expiresAt - now() < Math.min(earlyMs, (tokens.expires_in ?? 0) * 100)
  }

  return {
    async header() {
      await loaded
      const sent = headerOf(vault.grant)
      // When it cannot be renewed now, the server says whether it is still good.
      if (sent !== undefined && isEnding(vault.grant)) {
        await renewOnce(undefined, sent).catch(() => (earlyAgainAt = now() + pauseMs))
      }
      return headerOf(vault.grant)
    },
    accepted(sent) {
      if (sent === unproven) unproven = undefined
      attempts = 0
    },
    async refused(challenge, sent, times) {
      await loaded
      if (times > mostAttempts) throw failed(new FlowError(tooOften), challenge.status)
      const current = headerOf(vault.grant)
      if (current !== undefined && current !== sent) return
      if (challenge.status === 401 && sent !== undefined && sent === unproven)
        throw failed(new FlowError('the server refuses the token that it was just given'), 401)
      await renewOnce(challenge, sent)
    },
  }
}

const tooOften = `the server still refuses after ${mostAttempts} attempts`

function headerOf({ tokens }: Grant): string | undefined {
  return tokens && `Bearer ${tokens.access_token}`
}

function tokenIn(header: string | undefined): string | undefined {
  return header?.slice('Bearer '.length)
}
