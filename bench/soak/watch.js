import { getEventListeners } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { heapInUse } from '../reliability/collect-garbage.js'
import { childrenOf, processesWith } from '../reliability/processes.js'
import { slopeOf } from './slope.js'

const KiB = 1024
const MiB = 1024 * KiB
/** Three times the longest message a server may send: what buffers may come to at worst. */
const rssBound = 30 * MiB
const settlingMs = 30

/** What a process holds beside memory. Equal before and after, or something was left behind. */
function holdings({ mark, lasting }) {
  const children = childrenOf()
  return {
    'file descriptors': readdirSync('/proc/self/fd').length,
    'timers and handles': process.getActiveResourcesInfo().length,
    'child processes': children.length,
    'zombie children': children.filter(({ state }) => state === 'Z').length,
    'marked processes': processesWith(mark).length,
    'listeners of the process': process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    'listeners on the shared signal': getEventListeners(lasting, 'abort').length,
  }
}

/** Watches a soak: `sample` after every cycle, `figures` once everything is closed. */
export function watch(subject) {
  const heap = []
  const rss = []
  const warnings = []
  const complaints = []
  process.on('warning', (warning) => warnings.push(warning.name))
  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (error) => complaints.push(String(error)))
  const before = holdings(subject)

  return {
    async sample() {
      // What the cycle closed is let go by timers and by turns of the event loop.
      await sleep(settlingMs)
      heap.push(heapInUse())
      rss.push(process.memoryUsage().rss)
    },
    figures() {
      const after = holdings(subject)
      const { slope, low, high } = slopeOf(heap)
      const peak = Math.max(...rss) - rss[0]
      return [
        {
          what: 'heap after collection, growth a cycle',
          bound: '95 % interval <= 1 KiB',
          measured: `${Math.round(slope)} B [${Math.round(low)}, ${Math.round(high)}]`,
          ok: high <= KiB,
        },
        {
          what: 'resident memory, peak over the first cycle',
          bound: `<= ${rssBound / MiB} MiB`,
          measured: `${(peak / MiB).toFixed(1)} MiB`,
          ok: peak <= rssBound,
        },
        ...Object.entries(before).map(([what, base]) => ({
          what: `${what}, before and after`,
          bound: 'equal',
          measured: `${base}, ${after[what]}`,
          ok: base === after[what],
        })),
        { what: 'process warnings', bound: '0', measured: warnings.join() || '0', ok: warnings.length === 0 },
        {
          what: 'stray rejections and exceptions',
          bound: '0',
          measured: complaints.join() || '0',
          ok: complaints.length === 0,
        },
      ]
    },
  }
}
