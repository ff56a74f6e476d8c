import { maskData } from './mask-data.js'
import { createNotificationRate, notificationsPerSecond } from './notification-rate.js'
import { createViolationReport } from '../wire/violations.js'

export type UnaskedNotice =
  | { type: 'notified'; method: string; params: Record<string, unknown> }
  | { type: 'violated'; detail: string }

/** What a server says unasked, made fit for the host: secrets masked, rates bounded. */
export interface Unasked {
  notified(method: string, params: Record<string, unknown>): void
  violated(detail: string): void
}

export function createUnasked(mask: (text: string) => string, tell: (notice: UnaskedNotice) => void): Unasked {
  const mayPass = createNotificationRate()
  const report = createViolationReport(
    { violation: (kind, detail) => tell({ type: 'violated', detail: `${kind}: ${detail}` }) },
    mask,
  )
  return {
    notified(method, params) {
      if (mayPass()) tell({ type: 'notified', method: mask(method), params: maskData(params, mask) })
      else report('limit', `a notification past ${notificationsPerSecond} a second was dropped`)
    },
    violated: (detail) => report('invalid-frame', detail),
  }
}
