import type { EventOf } from '../../index.js'
import type { Sample } from './prometheus-text.js'

/** How many calls there were and how long they took: numbers alone, however many calls there are. */
export interface CallCounts {
  add(call: EventOf<'call.settled'>): void
  /** Forgets a server that is no longer configured. */
  forget(server: string): void
  counts(): Sample[]
  durations(): Sample[]
}

/** Upper bounds in seconds, as the semantic conventions of OpenTelemetry for MCP have them. */
const bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, Number.POSITIVE_INFINITY]

interface Histogram {
  readonly labels: { readonly server: string; readonly method: string }
  readonly buckets: number[]
  sum: number
}

interface Count {
  readonly labels: { readonly server: string; readonly method: string; readonly outcome: string }
  value: number
}

export function createCallCounts(): CallCounts {
  const counts = new Map<string, Count>()
  const histograms = new Map<string, Histogram>()

  return {
    // No label holds the name of a tool: servers name as many as they like.
    add({ server, method, durationMs, failure }) {
      const outcome = failure?.code ?? 'ok'
      const countKey = [server, method, outcome].join('\n')
      const count = counts.get(countKey) ?? { labels: { server, method, outcome }, value: 0 }
      count.value += 1
      counts.set(countKey, count)

      const key = [server, method].join('\n')
      const histogram = histograms.get(key) ?? { labels: { server, method }, buckets: bounds.map(() => 0), sum: 0 }
      const seconds = durationMs / 1_000
      const at = bounds.findIndex((bound) => seconds <= bound)
      histogram.buckets[at] = (histogram.buckets[at] ?? 0) + 1
      histogram.sum += seconds
      histograms.set(key, histogram)
    },
    forget(server) {
      for (const map of [counts, histograms] as Map<string, { labels: { server: string } }>[])
        for (const [key, { labels }] of map) if (labels.server === server) map.delete(key)
    },
    counts: () => [...counts.values()].map(({ labels, value }) => ({ labels, value })),
    durations: () => [...histograms.values()].flatMap(samplesOf),
  }
}

function samplesOf({ labels, buckets, sum }: Histogram): Sample[] {
  let total = 0
  const cumulative = buckets.map((count, at): Sample => {
    total += count
    const bound = bounds[at] ?? Number.POSITIVE_INFINITY
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
    return { labels: { ...labels, le }, value: total, suffix: '_bucket' }
  })
  return [...cumulative, { labels, value: sum, suffix: '_sum' }, { labels, value: total, suffix: '_count' }]
}
