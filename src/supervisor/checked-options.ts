import type { SupervisorOptions } from '../api.js'
import type { Telemetry } from '../calls/telemetry.js'
import { typeName } from '../config/wording.js'
import { configInvalid } from '../errors.js'

/** The file to follow, if any. @throws `CONFIG_INVALID` when none is named */
export function watchedPath({ watch = false, configPath }: SupervisorOptions): string | undefined {
  if (!watch || configPath !== undefined) return watch ? configPath : undefined
  throw configInvalid('"options.watch" must come with "options.configPath"')
}

/** Who traces, if anybody. @throws `CONFIG_INVALID` for what cannot */
export function telemetryOf({ telemetry }: SupervisorOptions): Telemetry | undefined {
  const { call, connection } = (telemetry ?? {}) as Partial<Telemetry>
  if (!telemetry || (typeof call === 'function' && typeof connection === 'function')) return telemetry
  throw configInvalid(`"options.telemetry" must be what "createTelemetry()" returns, got ${typeName(telemetry)}`)
}

/** Servers that may be starting at the same time. @throws `CONFIG_INVALID` */
export function maxStarting({ maxStarting: count = 8 }: SupervisorOptions): number {
  if (Number.isSafeInteger(count) && count >= 1) return count
  throw configInvalid(`"options.maxStarting" must be an integer >= 1, got ${String(count)}`)
}
