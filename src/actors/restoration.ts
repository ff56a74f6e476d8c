import { type Cancellation, createCancellation } from '../calls/cancellation.js'
import type { Wishes } from '../calls/wishes.js'
import type { Clock } from '../clock.js'
import { type Failure, failure } from '../errors.js'
import type { LogLevel } from '../mcp.js'
import { failureOf } from './call-window.js'
import type { Session } from './session/session.js'

/** What became of the wishes when a new session was asked for them. */
export interface Restored {
  readonly resources: readonly string[]
  readonly logLevel?: LogLevel
  readonly failed: readonly FailedWish[]
}

/** Something that callers had been granted and that the new session does not do. */
export interface FailedWish {
  readonly method: 'resources/subscribe' | 'logging/setLevel'
  readonly uri?: string
  readonly failure: Failure
}

export interface RestorationParts {
  readonly server: string
  readonly session: Pick<Session, 'request'>
  /** As they are at the time: what is no longer wanted is not asked for. */
  readonly wishes: () => Wishes
  readonly mask: (text: string) => string
  readonly clock: Clock
  /** For all of it together. */
  readonly timeoutMs: number
  /** Requests at the same time. */
  readonly maxConcurrency: number
  /** Not called when there was nothing to ask for, or after `stop`. */
  readonly told: (restored: Restored) => void
}

type Wish = Pick<FailedWish, 'method' | 'uri'> & { readonly level?: LogLevel }

/**
 * Asks a new session for what its callers were granted by the one before, beside the calls that wait: none of them waits
 * for it. The returned function gives it up, for the session is ending.
 */
export function restore(parts: RestorationParts): () => void {
  const { server, session, wishes, mask, clock, timeoutMs, maxConcurrency, told } = parts
  const wanted = wishesOf(wishes())
  if (wanted.length === 0) return () => undefined
  const open = new Set<Cancellation>()
  const resources: string[] = []
  const failed: FailedWish[] = []
  let logLevel: LogLevel | undefined
  let stage: 'asking' | 'late' | 'stopped' = 'asking'
  const timer = clock.setTimeout(() => end('late'), timeoutMs)

  function end(how: 'late' | 'stopped'): void {
    if (stage === 'asking') stage = how
    clock.clearTimeout(timer)
    for (const cancellation of open) cancellation.cancel('the session was not restored in time')
  }

  async function request(method: string, params: Record<string, unknown>): Promise<void> {
    const cancellation = createCancellation()
    if (stage !== 'asking') cancellation.cancel('too late')
    open.add(cancellation)
    await session.request(method, params, { cancellation }).finally(() => open.delete(cancellation))
  }

  async function grant({ method, uri, level }: Wish): Promise<void> {
    if (uri === undefined) {
      await request(method, { level })
      logLevel = level
    } else if (wishes().resources.has(uri)) {
      await request(method, { uri })
      if (wishes().resources.has(uri)) resources.push(mask(uri))
      else await request('resources/unsubscribe', { uri })
    }
  }

  function reasonOf(error: unknown): Failure {
    const message = `Server "${server}" did not restore its session within ${timeoutMs} ms`
    return stage === 'late'
      ? failure('CALL_TIMEOUT', message, { server, phase: 'call', delivered: 'maybe' })
      : failureOf(error, server)
  }

  const queue = wanted.values()
  async function askInTurn(): Promise<void> {
    for (const wish of queue) {
      const { method, uri } = wish
      await grant(wish).catch((error: unknown) =>
        failed.push({ method, ...(uri !== undefined && { uri: mask(uri) }), failure: reasonOf(error) }),
      )
    }
  }

  void Promise.all(Array.from({ length: Math.min(maxConcurrency, wanted.length) }, askInTurn)).then(() => {
    clock.clearTimeout(timer)
    if (stage !== 'stopped') told({ resources, ...(logLevel && { logLevel }), failed })
  })
  return () => end('stopped')
}

function wishesOf({ resources, logLevel: level }: Wishes): Wish[] {
  return [
    ...(level === undefined ? [] : [{ method: 'logging/setLevel', level } as const]),
    ...[...resources].map((uri) => ({ method: 'resources/subscribe', uri }) as const),
  ]
}
