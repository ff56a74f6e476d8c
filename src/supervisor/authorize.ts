import { SupervisorError, failure } from '../errors.js'
import type { AuthorizationPort, AuthorizeOptions, LogoutReport } from './authorization.js'
import type { Calls } from './calls.js'

export interface Authorize {
  authorize(name: string, options?: AuthorizeOptions): Promise<void>
  logout(name: string): Promise<LogoutReport>
}

/** A server that asks for another login right after one is asked so often. */
const mostLogins = 3
const personTimeoutMs = 300_000

export function createAuthorize(calls: Calls, isReady: (name: string) => boolean, port: AuthorizationPort): Authorize {
  /** Connects; resolves with whether that was all, rejects with what no login mends. */
  async function connected(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await calls.submit({ name }, 'connect', { kind: 'connect' }, { defaultMs: 0, signal })
      return true
    } catch (error) {
      const isWanted = error instanceof SupervisorError && error.code === 'AUTH_REQUIRED' && port.isLoginWanted(name)
      if (isWanted) return false
      throw error
    }
  }

  async function restarted(name: string): Promise<void> {
    try {
      await calls.submit({ name }, 'restart', { kind: 'connect' }, { defaultMs: 0 })
    } catch (error) {
      // What becomes of it is the state of the server, not of the logout.
      if (!(error instanceof SupervisorError)) throw error
    }
  }

  return {
    async authorize(name, options = {}) {
      calls.find({ name })
      const { timeoutMs = personTimeoutMs, signal } = checked(options)
      for (let logins = 0; ; logins++) {
        // A server that is ready and asks for a wider scope has said so already.
        const isWider = isReady(name) && port.isLoginWanted(name)
        if (!isWider && (await connected(name, signal))) return
        if (logins === mostLogins) throw tooOften(name)
        await port.login(name, { ...options, timeoutMs }).catch((error: unknown) => {
          if (signal?.aborted) throw aborted(name, signal)
          // When it was closed or removed meanwhile, that is why.
          calls.find({ name })
          throw error
        })
      }
    },
    async logout(name) {
      calls.find({ name })
      const report = await port.logout(name)
      // Whoever is still connected was let in by a token that is forgotten: it must show that it is not any more.
      if (isReady(name)) await restarted(name)
      return report
    },
  }
}

function checked(options: AuthorizeOptions): AuthorizeOptions {
  const { timeoutMs } = options
  if (timeoutMs === undefined || (Number.isFinite(timeoutMs) && timeoutMs > 0)) return options
  const message = `"timeoutMs" must be a number > 0, got ${String(timeoutMs)}`
  throw new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'auth' }))
}

function tooOften(server: string): SupervisorError {
  const message = `Server "${server}" still asks for authorization after ${mostLogins} logins`
  return new SupervisorError(failure('AUTH_FAILED', message, { server, phase: 'auth' }))
}

function aborted(server: string, signal: AbortSignal): SupervisorError {
  const message = `The authorization of server "${server}" was aborted`
  return new SupervisorError(failure('CALL_ABORTED', message, { server, phase: 'auth' }), signal.reason)
}
