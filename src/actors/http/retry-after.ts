/** However long a server asks us to wait, we look again after this. */
const longestMs = 600_000

/** Milliseconds that `Retry-After` asks for, in seconds or as a date; ten minutes at most (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  // `Date.parse` makes a date of almost anything; those of HTTP end with GMT.
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : text.endsWith('GMT') ? Date.parse(text) - now : NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs)
}
