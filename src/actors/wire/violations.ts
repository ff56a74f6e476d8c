import { printable } from './printable.js'
import type { TransportObserver, ViolationKind } from '../transport.js'

const detailCharacters = 200
/** Enough for a mask to see a secret whole, little enough to be cheap for a line of megabytes. */
const lookedAtCharacters = 4_096

/** Reports violations of a peer to the observer: at most one of a kind a second, the number of the others with the next. */
export function createViolationReport(
  observer: TransportObserver | undefined,
  mask: (text: string) => string,
): (kind: ViolationKind, detail: string) => void {
  const seen = new Map<ViolationKind, { reportedAt: number; untold: number }>()

  return (kind, detail) => {
    if (!observer?.violation) return
    const record = seen.get(kind) ?? { reportedAt: -Infinity, untold: 0 }
    seen.set(kind, record)
    if (performance.now() - record.reportedAt < 1_000) {
      record.untold += 1
      return
    }
    const others = record.untold > 0 ? ` (and ${record.untold} more before)` : ''
    record.reportedAt = performance.now()
    record.untold = 0
    observer.violation(kind, printable(mask(detail.slice(0, lookedAtCharacters))).slice(0, detailCharacters) + others)
  }
}
