import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server'

import type { Principal } from '../../clients/client.js'

/** Why a request is not let in: nothing of it was read but its head. */
export interface Refusal {
  readonly status: 401 | 403 | 421
  readonly message: string
}

export interface AdmissionRules {
  /** Names under which we may be addressed, and from whose pages. */
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  /** Who has which token now, the same map until that changes; or who everybody is, when none is asked for. */
  readonly tokens: (() => ReadonlyMap<string, Principal>) | Principal
}

/** Decides who may come in. */
export interface Admission {
  /** Whether the request is addressed to us, and not sent by the page of a stranger (DNS rebinding). */
  strangerhood(request: IncomingMessage): Refusal | undefined
  /** Who sends the request, by its bearer token. */
  identify(request: IncomingMessage): Principal | Refusal
}

export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

export function createAdmission({ hosts, origins, tokens }: AdmissionRules): Admission {
  const key = randomBytes(32)
  const digest = (token: string): Buffer => createHmac('sha256', key).update(token).digest()
  let digested: ReadonlyMap<string, Principal> | undefined
  let known: readonly { readonly hash: Buffer; readonly principal: Principal }[] = []

  /** Takes as long for a token that is nearly right as for any other. */
  function principalOf(token: string, current: ReadonlyMap<string, Principal>): Principal | undefined {
    if (current !== digested) known = [...current].map(([of, principal]) => ({ hash: digest(of), principal }))
    digested = current
    const hash = digest(token)
    const [match] = known.filter((entry) => timingSafeEqual(entry.hash, hash))
    return match?.principal
  }

  return {
    strangerhood({ headers }) {
      const host = validateHostHeader(headers.host, [...hosts])
      if (!host.ok) return { status: 421, message: host.message }
      const origin = validateOriginHeader(headers.origin, [...origins])
      return origin.ok ? undefined : { status: 403, message: origin.message }
    },
    identify({ headers: { authorization = '' } }) {
      if (typeof tokens !== 'function') return tokens
      const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1]
      const principal = token === undefined ? undefined : principalOf(token, tokens())
      return principal ?? { status: 401, message: 'A valid bearer token is required' }
    },
  }
}
