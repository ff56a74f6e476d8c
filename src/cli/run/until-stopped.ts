import { type CloseReport, type Supervisor, killAll } from '../../index.js'
import { counted } from '../counted.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type StopReason, type StopRequests, createStopRequests, forcedExit, orderlyExit } from './stop-requests.js'

/** What is closed in the end, and tells meanwhile how much there is to do. */
export type Stoppable = Pick<Supervisor, 'statuses' | 'close'>

/**
 * Waits for the first wish to end, closes the supervisor and says how that went. A signal meanwhile kills what is left at
 * once.
 */
export async function untilStopped(
  supervisor: Stoppable,
  gone: AbortSignal,
  say: (text: string) => void,
): Promise<ExitCode> {
  const requests = createStopRequests(gone)
  try {
    const reason = await requests.next()
    say(farewell(supervisor))
    const outcome = await Promise.race([supervisor.close(), nextSignal(requests)])
    if (typeof outcome === 'string') {
      killAll()
      say('Killed what was left')
      return forcedExit(outcome)
    }
    say(reportLine(outcome))
    return Object.keys(outcome.errors).length > 0 ? exitCodes.unexpected : orderlyExit(reason)
  } finally {
    requests.dispose()
  }
}

/** A reader that goes away is no reason to hurry: Ctrl-C ends the other programs of a pipe too. */
async function nextSignal(requests: StopRequests): Promise<StopReason> {
  for (;;) {
    const reason = await requests.next()
    if (reason !== 'gone') return reason
  }
}

function farewell(supervisor: Stoppable): string {
  const statuses = supervisor.statuses()
  const running = statuses.filter(({ state }) => ['connecting', 'ready', 'closing'].includes(state)).length
  const calls = statuses.reduce((sum, { inFlight, queued }) => sum + inFlight + queued, 0)
  return `Stopping ${counted(running, 'server')}, ${counted(calls, 'call')} in flight; a second signal kills them`
}

function reportLine({ total, closed, errors }: CloseReport): string {
  const reasons = Object.entries(errors).map(([name, message]) => `; ${name}: ${message}`)
  return `Stopped ${closed} of ${counted(total, 'server')}${reasons.join('')}`
}
