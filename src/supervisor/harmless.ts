import type { Logger } from 'pino'
import type { InspectionEvent, Observer } from 'xstate'

/** Runs a listener of the host so that its failure is told once and harms nobody. */
export function harmless<A extends unknown[]>(listener: (...args: A) => unknown, failed: (error: unknown) => void) {
  return (...args: A): void => {
    try {
      const result = listener(...args)
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

/** Tells a logger that a listener failed; a logger that fails as well harms nobody. */
export function reportTo(logger: Logger | undefined): (error: unknown) => void {
  return (error) => {
    try {
      logger?.error({ err: error }, 'a listener of the host failed')
    } catch {
      // The logger is a listener of the host too: nobody is left to tell.
    }
  }
}

/** Tells the first failure: the rest would flood. */
export function onlyFirst(tell: (error: unknown) => void): (error: unknown) => void {
  let isTold = false
  return (error) => {
    if (!isTold) tell(error)
    isTold = true
  }
}

/** The inspector of the host, made harmless. */
export function harmlessInspector(
  inspect: Observer<InspectionEvent> | ((event: InspectionEvent) => void),
  failed: (error: unknown) => void,
): (event: InspectionEvent) => void {
  const listener = typeof inspect === 'function' ? inspect : (event: InspectionEvent) => inspect.next?.(event)
  return harmless(listener, onlyFirst(failed))
}
