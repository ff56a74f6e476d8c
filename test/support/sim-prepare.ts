import { fromCallback } from 'xstate'

import type { Clock } from '../../src/clock.js'
import { type Failure, failure } from '../../src/errors.js'
import type { ServerPorts } from '../../src/machines/server.setup.js'
import type { PrepareInput, PrepareReport, ServerIdentity } from '../../src/messages.js'
import type { resolutions } from './sim-schedule.js'

/** How the next resolution of an entry goes. */
export interface PrepareWeather {
  kind: (typeof resolutions)[number]
  delayMs: number
}

/** Resolves entries as the weather says. */
export function simPrepare(
  clock: Clock,
  weather: (of: ServerIdentity) => PrepareWeather,
  failed: (of: ServerIdentity, why: Failure) => void,
): ServerPorts['prepare'] {
  return fromCallback<{ type: string }, PrepareInput>(({ input, sendBack }) => {
    const { kind, delayMs } = weather(input)
    const timer = clock.setTimeout(() => {
      const of = failure('CONFIG_UNRESOLVED', 'a placeholder has no value')
      if (kind === 'unresolved') failed(input, of)
      const report: PrepareReport =
        kind === 'resolved' ? { type: 'entry.resolved' } : { type: 'entry.unresolved', failure: of }
      sendBack(report)
    }, delayMs)
    return () => clock.clearTimeout(timer)
  })
}
