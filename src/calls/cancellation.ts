/** The right of a caller to give up one call: an `AbortSignal` for a single listener, at a tenth of the price. */
export interface Cancellation {
  /** Why the call was given up; undefined while it is wanted. */
  readonly reason: string | undefined
  /** Whoever works on the call now is told here when it is given up. */
  onCancel: ((reason: string) => void) | undefined
  /** Gives up. Only the first time counts. */
  cancel(reason: string): void
}

export function createCancellation(): Cancellation {
  let reason: string | undefined
  const cancellation: Cancellation = {
    get reason() {
      return reason
    },
    onCancel: undefined,
    cancel(why) {
      if (reason !== undefined) return
      reason = why
      cancellation.onCancel?.(why)
    },
  }
  return cancellation
}
