import { randomBytes } from 'node:crypto'

import type { Principal } from '../../clients/client.js'
import type { Principals } from '../../clients/principals.js'
import { type ListenOptions, invalid, listenTerms } from '../../options.js'
import type { Monitor } from '../../monitoring/monitor.js'
import { prometheusType } from '../../monitoring/prometheus-text.js'
import type { Connect } from '../connect.js'
import { createAdmission, loopbackNames } from './admission.js'
import { createCrossOrigin } from './cross-origin.js'
import { type Page, type Pages, isLoopback, openEndpoint } from './endpoint.js'
import { createMcpRoute } from './mcp.js'
import { createSessions } from './sessions.js'

/** A gateway that listens. */
export interface HttpEndpoint {
  /** Where clients connect to. */
  readonly url: string
  /** What they must bring, unless they come with the token of a view. */
  readonly token?: string
  /** Takes nothing new, lets requests under way finish within the time, then ends every session. */
  close(drainTimeoutMs?: number): Promise<void>
}

/** The endpoint as the gateway has it. */
export interface HttpWay extends Pick<HttpEndpoint, 'close'> {
  readonly endpoint: HttpEndpoint
  /** Lets everybody go who came as this one. */
  revoke(principal: Principal): void
}

export interface ListenParts {
  readonly options: ListenOptions
  readonly connect: Connect
  /** With the token of the endpoint, or without one where none is asked for, comes the common one. */
  readonly principals: Pick<Principals, 'common' | 'byToken'>
  readonly failed: (error: Error) => void
  readonly monitor: Monitor
  readonly parked: () => readonly Promise<unknown>[]
}

/** Opens an endpoint. @throws `CONFIG_INVALID` for wrong options, or an address that cannot be had */
export async function listen(parts: ListenParts): Promise<HttpWay> {
  const { options, connect, principals, failed, monitor, parked } = parts
  const terms = listenTerms(options)
  const { host, port, path, token = randomBytes(24).toString('base64url'), maxBodyBytes } = terms
  if (token === false && !isLoopback(host))
    throw invalid(`"token" must not be false on ${host}: whoever reaches it could use every server`)
  const sessions = createSessions({ connect, mostSessions: terms.maxSessions, idleMs: terms.sessionIdleMs, failed })
  const route = createMcpRoute({ sessions, connect, failed })
  const admission = createAdmission({
    hosts: [...loopbackNames, bracketed(host), ...terms.allowedHosts],
    origins: [...loopbackNames, ...terms.allowedOrigins],
    tokens: token === false ? principals.common : withToken(token, principals),
  })
  // Any program of this machine may have put a page there: without a token it would read what every server says.
  const readers = [...(token === false ? [] : loopbackNames), ...terms.allowedOrigins]
  let isDraining = false
  const endpoint = await openEndpoint({
    host,
    port,
    path,
    maxBodyBytes,
    admission,
    crossOrigin: createCrossOrigin(readers),
    serve: route.serve,
    keeper: principals.common,
    pages: terms.monitoring ? pagesOf(monitor, () => isDraining) : new Map(),
    failed,
    parked,
  }).catch(async (error: unknown) => {
    await route.close()
    throw error
  })
  async function close(drainTimeoutMs = 0): Promise<void> {
    isDraining = true
    await endpoint.drain(drainTimeoutMs)
    await route.close()
    await endpoint.close()
  }

  const url = `http://${bracketed(host)}:${endpoint.port}${path}`
  return { endpoint: { url, ...(token !== false && { token }), close }, close, revoke: route.revoke }
}

/** The tokens in force, the one of the endpoint among them; a view whose token that is narrows it. */
function withToken(token: string, { common, byToken }: ListenParts['principals']) {
  let from: ReadonlyMap<string, Principal> | undefined
  let tokens = new Map<string, Principal>()
  return () => {
    if (from !== byToken()) {
      from = byToken()
      tokens = new Map([[token, common], ...from])
    }
    return tokens
  }
}

/** What probes of an orchestrator ask brings no token, so that it says no more than yes or no. */
function pagesOf(monitor: Monitor, isDraining: () => boolean): Pages {
  const plain = (status: number, text: string): Page => ({ status, type: 'text/plain; charset=utf-8', text })
  const readiness = () => (isDraining() || !monitor.isReady() ? plain(503, 'not ready\n') : plain(200, 'ready\n'))
  return new Map([
    ['/healthz', { isOpen: true, answer: () => plain(200, 'ok\n') }],
    ['/readyz', { isOpen: true, answer: readiness }],
    ['/metrics', { isOpen: false, answer: () => ({ status: 200, type: prometheusType, text: monitor.metrics() }) }],
  ])
}

/** An address of version 6 as URLs have it. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
