import type { CallInFlight } from './call-in-flight.js'
import { maskData } from '../wire/mask-data.js'
import { createNotificationRate, notificationsPerSecond } from './notification-rate.js'
import { spokesmanOf } from './spokesman.js'
import { createViolationReport } from '../wire/violations.js'

export type UnaskedNotice =
  | { type: 'notified'; method: string; params: Record<string, unknown>; origin: 'server' | 'call' | 'unclear' }
  | { type: 'violated'; detail: string }

/** What a server says unasked, made fit for the host: secrets masked, rates bounded. */
export interface Unasked {
  notified(method: string, params: Record<string, unknown>, during: readonly CallInFlight[]): void
  violated(detail: string): void
}

export function createUnasked(mask: (text: string) => string, tell: (notice: UnaskedNotice) => void): Unasked {
  const mayPass = createNotificationRate()
  const report = createViolationReport(
    { violation: (kind, detail) => tell({ type: 'violated', detail: `${kind}: ${detail}` }) },
    mask,
  )
  return {
    notified(method, params, during) {
      if (!mayPass()) return report('limit', `a notification past ${notificationsPerSecond} a second was dropped`)
      const notification = { method: mask(method), params: maskData(params, mask) }
      const call = spokesmanOf(during)
      call?.caller.hear(notification)
      const origin = call && !call.isOver ? 'call' : during.length === 0 ? 'server' : 'unclear'
      tell({ type: 'notified', ...notification, origin })
    },
    violated: (detail) => report('invalid-frame', detail),
  }
}
