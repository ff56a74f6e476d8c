import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import pRetry from 'p-retry'
import { Agent, request } from 'undici'
import { type Reach, addressProblem, urlProblem } from './lawful-url.js'
import { FlowError } from './flow-error.js'

export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>

export interface FetchBounds {
  readonly reach: Reach
  /** For one request with its answer. */
  readonly timeoutMs: number
  /** Ends whatever is under way. */
  readonly signal: AbortSignal
}

/** Metadata, registrations and tokens are a few KiB. */
const longestBody = 256 * 1024
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * A `fetch` for addresses that a server names. Each is judged before it is asked, and again at the moment of connecting,
 * by the very address that is connected to: neither a redirect nor a second answer of the name server gets around it.
 * Answers are bounded in size and time, and redirects are left to the caller, who comes back here with them.
 */
export function createGuardedFetch({ reach, timeoutMs, signal }: FetchBounds): GuardedFetch {
  async function ask(url: URL, init: RequestInit): Promise<Response> {
    const dispatcher = new Agent({ connect: { lookup: guardedLookup(reach) }, maxResponseSize: longestBody })
    try {
      const { method = 'GET', body } = init
      const headers = Object.fromEntries(new Headers(init.headers))
      const answer = await request(url, {
        method: method as 'GET' | 'POST',
        headers: { 'user-agent': 'mcpvisor', ...headers },
        body: body == null ? null : textOf(body),
        dispatcher,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const text = await answer.body.text()
      if (answer.statusCode < 200 || answer.statusCode > 599) throw new FlowError(`answered ${answer.statusCode}`)
      const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value.toString()] as [string, string]],
      )
      const content = withoutBody.has(answer.statusCode) ? null : text
      return new Response(content, { status: answer.statusCode, headers: fields })
    } finally {
      await dispatcher.destroy()
    }
  }

  return async (input, init = {}) => {
    const url = new URL(input)
    const problem = urlProblem(url.href, reach)
    if (problem !== undefined) throw new FlowError(`${shown(url)} ${problem}`)
    const attempt = async () => {
      try {
        return await ask(url, init)
      } catch (error) {
        signal.throwIfAborted()
        throw unanswered(url, error, timeoutMs)
      }
    }
    // A second try of what changes nothing; a token request may have used up what it sent.
    const retries = (init.method ?? 'GET') === 'GET' ? 1 : 0
    return pRetry(attempt, { retries, minTimeout: 200, signal, shouldRetry: ({ error }) => isBroken(error) })
  }
}

/** Looks a host up, and refuses it when any of its addresses is out of reach. */
function guardedLookup(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new FlowError('has no address'), '', 0)
      for (const { address } of addresses) {
        const problem = addressProblem(hostname, address, reach)
        if (problem !== undefined) return callback(new FlowError(problem), '', 0)
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** What an unanswered request failed with, in our words: those of others may hold what was sent. */
function unanswered(url: URL, error: unknown, timeoutMs: number): FlowError {
  const own = ownIn(error)
  if (own) return new FlowError(`${shown(url)} ${own.message}`)
  const name = error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown error'
  if (name === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new FlowError(`${shown(url)} answered with more than ${longestBody} bytes`)
  if (name === 'TimeoutError' || name === '23')
    return new FlowError(`${shown(url)} did not answer within ${timeoutMs} ms`, { isTransient: true })
  return new FlowError(`${shown(url)} failed: ${name}`, { isTransient: true, isBroken: true })
}

/** Our own refusal, also inside the error that gathers those of several addresses. */
function ownIn(error: unknown): FlowError | undefined {
  if (error instanceof FlowError) return error
  return error instanceof AggregateError ? error.errors.map(ownIn).find(Boolean) : undefined
}

const isBroken = (error: unknown): boolean => error instanceof FlowError && error.isBroken

function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

function textOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString()
  throw new TypeError('A body must be a string or URLSearchParams')
}
