/** However long a server asks us to wait, we look again after this. */
const longestMs = 600_000

/** Milliseconds that a `Retry-After` header asks for, in seconds or as a date; at most ten minutes (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs)
}
