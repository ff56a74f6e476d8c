/** How states look: a tone and a glyph, so that no colour has to be seen. */
const tones = {
  ready: 'ready',
  running: 'ready',
  uninitialized: 'busy',
  connecting: 'busy',
  waiting: 'busy',
  closing: 'busy',
  draining: 'busy',
  terminating: 'busy',
  timedOut: 'warn',
  retrying: 'warn',
  failed: 'bad',
}

const glyphs = { ready: '●', busy: '◐', warn: '▲', bad: '■', rest: '○' }

export const toneOf = (state) => tones[state] ?? 'rest'
export const glyphOf = (state) => glyphs[toneOf(state)]

/** A time of the day. */
export const timeOf = (at) => new Date(at).toLocaleTimeString('en-GB')

/** A length of time, in the unit that suits it. */
export function spanOf(ms) {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`
}

export const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`
