import { isIP } from 'node:net'
import { type AddressRange, rangeOf } from './address-range.js'

/** Which addresses authorization may use: what a server says of them is never trusted. */
export interface Reach {
  /** Hosts that the configuration names: they may be private. */
  readonly named: ReadonlySet<string>
  /** Whether the server itself is on this machine: then others on it may be used, without https. */
  readonly isLocal: boolean
}

const longestUrl = 8_192

/** The reach of a server at `url`, and of the hosts that its configuration names beside it. */
export function reachOf(url: URL, hosts: readonly string[]): Reach {
  return { named: new Set([url.hostname, ...hosts]), isLocal: isLoopback(url.hostname) }
}

/** Why an address may not be used, judged by its text; undefined when it may. */
export function urlProblem(text: string, reach: Reach): string | undefined {
  if (text.length > longestUrl) return `is longer than ${longestUrl} characters`
  if (!URL.canParse(text)) return 'is no URL'
  const { protocol, hostname, username, password } = new URL(text)
  if (username || password) return 'holds credentials'
  const isLocal = isLoopback(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal)) return `must be https, got ${protocol.slice(0, 20)}`
  if (isLocal && !reach.isLocal && !reach.named.has(hostname)) return 'is on this machine, and the server is not'
  return isIP(bare(hostname)) === 0 || isLocal ? undefined : addressProblem(hostname, bare(hostname), reach)
}

/** Why a host may not be connected to at this address; undefined when it may. */
export function addressProblem(hostname: string, address: string, reach: Reach): string | undefined {
  const range: AddressRange = rangeOf(address)
  if (range === 'public') return undefined
  if (range === 'loopback' && reach.isLocal && isLoopback(hostname)) return undefined
  if (range !== 'forbidden' && reach.named.has(hostname)) return undefined
  return `leads to a ${range} address`
}

/** A host that is this machine by its very name. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || rangeOf(bare(hostname)) === 'loopback'
}

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
