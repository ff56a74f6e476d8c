import { type ExitCode, exitCodes } from '../exit-codes.js'

/** The first SIGINT or SIGTERM as an abort; the second ends the process at once, and its servers with it. */
export interface Interrupts {
  readonly signal: AbortSignal
  /** What to exit with, once it was aborted. */
  exitCode(): ExitCode | undefined
  dispose(): void
}

export function createInterrupts(gone: AbortSignal): Interrupts {
  const controller = new AbortController()
  let exitCode: ExitCode | undefined
  const listeners = (
    [
      ['SIGINT', exitCodes.interrupted],
      ['SIGTERM', exitCodes.terminated],
    ] as const
  ).map(([name, code]) => {
    const hear = (): void => {
      exitCode = code
      controller.abort(new Error(`Interrupted by ${name}`))
      // From now on the system does what it does to a process that does not listen; the guard ends the servers.
      process.off(name, hear)
    }
    process.on(name, hear)
    return () => process.off(name, hear)
  })
  return {
    signal: AbortSignal.any([controller.signal, gone]),
    exitCode: () => exitCode,
    dispose: () => listeners.forEach((off) => off()),
  }
}
