import { longestDelayMs } from '../config/defaults.js'
import { FlowError } from './flow-error.js'
import { type Login, answers } from './login.js'
import type { Redirect } from './redirect.js'

/** How a person is brought to a login, and for how long they are waited for. */
export interface PersonOptions {
  /**
   * Opens the address for a person. When it resolves with a text, that is the address the login ended at, for a browser
   * on another machine.
   */
  readonly open?: ((url: string, options: { signal: AbortSignal }) => OpenResult | Promise<OpenResult>) | undefined
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export type OpenResult = string | void | undefined

/** Brings a person to the login and resolves with what it ended with, from the browser or from `open`. */
export async function waitForPerson(
  login: Login,
  { server }: Redirect,
  { open, timeoutMs, signal }: PersonOptions,
): Promise<URLSearchParams> {
  const over = new AbortController()
  const given = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
  const waits: Promise<URLSearchParams>[] = []
  if (server) waits.push(server.wait((parameters) => answers(login, parameters)))
  if (open) waits.push(opened(login, open, given))
  try {
    return await inTime(Promise.race(waits), { timeoutMs, signal })
  } finally {
    over.abort()
  }
}

/** Settles as the login does, unless that takes too long or is waited for no longer. */
export async function inTime<T>(login: Promise<T>, { timeoutMs, signal }: PersonOptions): Promise<T> {
  const over = new AbortController()
  const given = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
  try {
    return await Promise.race([login, deadline(timeoutMs, given)])
  } finally {
    over.abort()
  }
}

/** Rejects when the person took too long, or is waited for no longer. Keeps the process alive until then. */
function deadline(timeoutMs: number, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new FlowError(`login: nobody logged in within ${timeoutMs} ms`))
    const timer = setTimeout(late, Math.min(timeoutMs, longestDelayMs))
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}

async function opened(
  { url, redirectUri }: Login,
  open: NonNullable<PersonOptions['open']>,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  const text = (await shown(url, open, signal))?.trim()
  // Opened: the browser comes back by itself.
  if (text === undefined || text === '') return new Promise(() => {})
  if (!URL.canParse(text)) throw new FlowError('login: the address that the login ended at is no URL')
  const ended = new URL(text)
  const expected = new URL(redirectUri)
  if (ended.origin !== expected.origin || ended.pathname !== expected.pathname)
    throw new FlowError(`login: the address that the login ended at must begin with ${redirectUri}`)
  return ended.searchParams
}

/** What the host says when it cannot show the address is the host's to know. */
async function shown(url: string, open: NonNullable<PersonOptions['open']>, signal: AbortSignal): Promise<OpenResult> {
  try {
    return await open(url, { signal })
  } catch (error) {
    throw new FlowError(`login: "open" failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
