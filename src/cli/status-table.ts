import type { ServerView } from './control/protocol.js'
import { plainText } from './plain-text.js'
import { type Column, tableLines } from './table.js'
import type { Colors, Output } from './terminal.js'

/** The servers of an instance as a table that fits the output. Durations and times are told relative to `now`. */
export function statusTable(views: readonly ServerView[], output: Output, now = Date.now()): string[] {
  return tableLines(columnsOf(output.colors, now), views, output)
}

function columnsOf(colors: Colors, now: number): readonly Column<ServerView>[] {
  return [
    { title: 'SERVER', cell: ({ name }) => plainText(name) },
    { title: 'STATE', cell: ({ state }) => stateColor(state, colors)(stateWord(state)) },
    { title: 'PID', cell: ({ pid }) => text(pid), isNumber: true, spare: 3 },
    { title: 'TOOLS', cell: ({ tools }) => text(tools), isNumber: true, spare: 6 },
    { title: 'RESTARTS', cell: ({ restarts }) => String(restarts), isNumber: true, spare: 4 },
    { title: 'IN FLIGHT', cell: inFlight, isNumber: true, spare: 5 },
    { title: 'P50', cell: ({ p50Ms }) => (p50Ms === undefined ? '-' : duration(p50Ms)), isNumber: true, spare: 5 },
    { title: 'PROTOCOL', cell: ({ protocolVersion = '' }) => plainText(protocolVersion), spare: 7 },
    { title: 'NEXT RETRY', cell: (view) => nextRetry(view, now), spare: 2 },
    { title: 'LAST ERROR', cell: (view) => plainText(lastError(view, now)), spare: 1 },
  ]
}

const text = (value: number | undefined): string => (value === undefined ? '-' : String(value))

function inFlight({ inFlight: count, queued }: ServerView): string {
  return queued > 0 ? `${count} (+${queued})` : String(count)
}

function nextRetry({ nextRetryAt, state }: ServerView, now: number): string {
  if (nextRetryAt === undefined || state === 'ready') return ''
  return nextRetryAt <= now ? 'now' : `in ${duration(nextRetryAt - now)}`
}

/** What keeps it from being ready; else what it has got over, with its age. */
function lastError({ error, lastError: last }: ServerView, now: number): string {
  const [line = ''] = (error || last?.message || '').split('\n')
  if (error !== '' || !last) return line
  return `${duration(now - last.at)} ago: ${line}`
}

/** `12 ms`, `1.5 s`, `3 min`, `2 h`, `4 d`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 59.5 * 60_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 47.5 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

export function stateWord(state: ServerView['state']): string {
  return state === 'timedOut' ? 'out of time' : state
}

function stateColor(state: ServerView['state'], colors: Colors): (text: string) => string {
  if (state === 'ready') return colors.green
  if (state === 'failed' || state === 'timedOut') return colors.red
  if (state === 'retrying' || state === 'connecting') return colors.yellow
  return colors.dim
}
