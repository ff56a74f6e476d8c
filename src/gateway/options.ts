import { SupervisorError } from '../index.js'
import type { ViewOptions } from './view.js'

export interface GatewayOptions {
  /**
   * `prefix`, the default, shows `server__tool`. `plain` shows everything of the one configured server under its own name.
   */
  readonly naming?: 'prefix' | 'plain'
  /**
   * `all`, the default, lists every tool. `search` lists four that find, describe and call the others, for clients whose
   * context is precious; only with `naming: "prefix"`.
   */
  readonly exposure?: 'all' | 'search'
  /** What clients see that come by no token of `views`: over stdio, or with the token of the endpoint. Default: everything. */
  readonly view?: ViewOptions
  /** By name: what clients see that come with this token. */
  readonly views?: Readonly<Record<string, ViewOptions & { readonly token: string }>>
  /**
   * How long a list waits for servers that were never listed. Those that come later are told by `list_changed`. Milliseconds;
   * default 5000.
   */
  readonly listWaitMs?: number
  /**
   * How long a request of a client of 2026-07-28 waits for the answers that the client goes to fetch. Milliseconds; default
   * 300000.
   */
  readonly answerWaitMs?: number
  /** Told to clients as the instructions of the gateway. Default: what the servers say, as far as it is known. */
  readonly instructions?: string
  /** Hears what went wrong between the gateway and a client; nothing of it ends anything. */
  readonly onError?: (error: Error) => void
}

export interface ListenOptions {
  /** Default: 0, any that is free. */
  readonly port?: number
  /** Default: `127.0.0.1`. Any other than loopback needs a token. */
  readonly host?: string
  /** Default: `/mcp`. */
  readonly path?: string
  /** What clients must bring. Default: one made at random. `false` asks for none, on loopback only. */
  readonly token?: string | false
  /** Further names under which clients address the endpoint, without port. */
  readonly allowedHosts?: readonly string[]
  /** Further hosts whose pages may send requests. */
  readonly allowedOrigins?: readonly string[]
  /** Default: 4 MiB. */
  readonly maxBodyBytes?: number
  /** Answers at `/healthz` and `/readyz`, and with the token at `/metrics`, for Prometheus. Default: false. */
  readonly monitoring?: boolean
  /** Sessions at the same time. Default: 1000. */
  readonly maxSessions?: number
  /** A session that is not used for so long is over. Milliseconds; default 30 minutes. */
  readonly sessionIdleMs?: number
}

/** The longest that a timer can wait. */
const longestWaitMs = 2 ** 31 - 1

/** What a gateway does, with every default. @throws `CONFIG_INVALID` */
export function gatewayTerms({
  naming = 'prefix',
  exposure = 'all',
  listWaitMs = 5_000,
  answerWaitMs = 300_000,
  onError = () => {},
  ...options
}: GatewayOptions) {
  must(['prefix', 'plain'].includes(naming), 'naming', '"prefix" or "plain"', naming)
  must(['all', 'search'].includes(exposure), 'exposure', '"all" or "search"', exposure)
  for (const [key, value] of Object.entries({ listWaitMs, answerWaitMs }))
    must(value >= 0 && value <= longestWaitMs, key, `a number from 0 to ${longestWaitMs}`, value)
  if (naming === 'plain' && exposure === 'search')
    throw invalid(
      '"exposure": "search" must come with "naming": "prefix": names without one could be those of its tools',
    )
  return { ...options, naming, exposure, listWaitMs, answerWaitMs, onError }
}

/** The options of an endpoint with every default. @throws `CONFIG_INVALID` */
export function listenTerms(options: ListenOptions) {
  const terms = {
    port: 0,
    host: '127.0.0.1',
    path: '/mcp',
    monitoring: false,
    allowedHosts: [] as readonly string[],
    allowedOrigins: [] as readonly string[],
    maxBodyBytes: 4 * 1024 * 1024,
    maxSessions: 1_000,
    sessionIdleMs: 30 * 60_000,
    ...options,
  }
  const { port, path, token, maxBodyBytes, maxSessions, sessionIdleMs } = terms
  must(Number.isInteger(port) && port >= 0 && port <= 65_535, 'port', 'a port number', port)
  must(/^\/[\w./~-]*$/.test(path), 'path', 'a path that begins with "/"', path)
  must(token === undefined || token === false || isToken(token), 'token', tokenForm, '***')
  for (const [key, value] of Object.entries({ maxBodyBytes, maxSessions, sessionIdleMs }))
    must(Number.isFinite(value) && value >= 1, key, 'a number >= 1', value)
  const hostsOf = (key: 'allowedHosts' | 'allowedOrigins') => terms[key].map((name) => hostName(key, name))
  return { ...terms, allowedHosts: hostsOf('allowedHosts'), allowedOrigins: hostsOf('allowedOrigins') }
}

/** A host as it is in `Host` and `Origin`; `scheme://*`, which is none, stands for all extensions of a browser. */
function hostName(key: string, name: string): string {
  if (/^[a-z][\w.+-]*:\/\/\*$/i.test(name)) return name.toLowerCase()
  const url = URL.canParse(`http://${name}`) ? new URL(`http://${name}`) : undefined
  must(url?.href === `http://${url?.hostname}/`, key, 'names of hosts, without scheme and port', name)
  return url?.hostname ?? name
}

const shortestToken = 16
export const tokenForm = `a text of at least ${shortestToken} characters without blanks`

export function isToken(token: unknown): token is string {
  return typeof token === 'string' && token.length >= shortestToken && !/\s/.test(token)
}

function must(isRight: boolean, key: string, expected: string, value: unknown): void {
  if (!isRight) throw invalid(`"${key}" must be ${expected}, got ${JSON.stringify(value)}`)
}

export function invalid(message: string): SupervisorError {
  return new SupervisorError({ code: 'CONFIG_INVALID', message, delivered: 'no', retryable: false, phase: 'config' })
}
