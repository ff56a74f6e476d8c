import { FlowError } from './flow-error.js'
import { type CallbackServer, openCallbackServer } from './callback-server.js'
import type { Grant } from './grant.js'
import { isLoopback } from './lawful-url.js'
import type { AuthSettings } from './settings.js'

/** Where a login comes back to. */
export interface Redirect {
  readonly uri: string
  /** None when it is not on this machine: then the host gives us the redirect. */
  readonly server?: CallbackServer
}

/**
 * Listens where a login is to come back: at the address of the configuration, else at the port of the last registration,
 * else, when that is in use, at a free one.
 */
export async function listenForRedirect(settings: AuthSettings, known: string | undefined): Promise<Redirect> {
  const { redirectUri, callbackPort } = settings
  if (redirectUri !== undefined) return listenAt(readRedirectUri(redirectUri))
  if (callbackPort !== undefined) return listenAt(new URL(uriOf(callbackPort)))
  const remembered = known !== undefined && URL.canParse(known) ? Number(new URL(known).port) : 0
  const server = await openCallbackServer('127.0.0.1', remembered).catch(() => openCallbackServer('127.0.0.1', 0))
  return { uri: uriOf(server.port), server }
}

/** The address at which a login is going to come back, as far as it can be told without listening. */
export async function plannedRedirect(settings: AuthSettings, { redirectUri }: Grant): Promise<string> {
  if (settings.redirectUri !== undefined) return readRedirectUri(settings.redirectUri).href
  if (settings.callbackPort !== undefined) return uriOf(settings.callbackPort)
  if (redirectUri !== undefined) return redirectUri
  const server = await openCallbackServer('127.0.0.1', 0)
  await server.close()
  return uriOf(server.port)
}

async function listenAt(url: URL): Promise<Redirect> {
  if (!isLoopback(url.hostname) || url.protocol !== 'http:') return { uri: url.href }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  try {
    return { uri: url.href, server: await openCallbackServer(host, Number(url.port || 80), url.pathname) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new FlowError(`login: cannot listen at ${url.host}, where the login comes back: ${code}`)
  }
}

function readRedirectUri(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))) return url
  throw new FlowError('login: "redirectUri" must be an https URL, or an http one of this machine')
}

const uriOf = (port: number): string => `http://127.0.0.1:${port}/callback`
