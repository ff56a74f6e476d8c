import { type ExitCode, exitCodes } from '../exit-codes.js'

/** Why the program should end. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'gone'

/** The wishes that a foreground program end: signals, and readers that go away. */
export interface StopRequests {
  /** Resolves with the next one. Keeps the process alive meanwhile. */
  next(): Promise<StopReason>
  /** Hears nothing from now on. */
  dispose(): void
}

export function createStopRequests(gone: AbortSignal): StopRequests {
  const reasons: StopReason[] = []
  let wake = (): void => {}
  function hear(reason: StopReason): void {
    reasons.push(reason)
    wake()
  }
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => [name, () => hear(name)] as const)
  const leave = (): void => hear('gone')
  for (const [name, listener] of listeners) process.on(name, listener)
  gone.addEventListener('abort', leave, { once: true })

  return {
    async next() {
      // A listener for signals keeps no process alive, and neither does a supervisor.
      const awake = setInterval(() => {}, 60_000)
      while (reasons.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      clearInterval(awake)
      return reasons.shift() ?? 'gone'
    },
    dispose() {
      for (const [name, listener] of listeners) process.off(name, listener)
      gone.removeEventListener('abort', leave)
    },
  }
}

/** After an orderly end: an interrupted program says so, one that was asked to end has done what it should. */
export function orderlyExit(reason: StopReason): ExitCode {
  return reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.ok
}

export function forcedExit(reason: StopReason): ExitCode {
  return reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}
