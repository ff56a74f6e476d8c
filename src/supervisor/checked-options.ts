import type { SupervisorOptions } from '../api.js'
import { SupervisorError, failure } from '../errors.js'

/** The file to follow, if any. @throws `CONFIG_INVALID` when none is named */
export function watchedPath({ watch = false, configPath }: SupervisorOptions): string | undefined {
  if (!watch || configPath !== undefined) return watch ? configPath : undefined
  throw new SupervisorError(
    failure('CONFIG_INVALID', '"options.watch" must come with "options.configPath"', { phase: 'config' }),
  )
}

/** Servers that may be starting at the same time. @throws `CONFIG_INVALID` */
export function maxStarting({ maxStarting: count = 8 }: SupervisorOptions): number {
  if (Number.isSafeInteger(count) && count >= 1) return count
  const message = `"options.maxStarting" must be an integer >= 1, got ${String(count)}`
  throw new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'config' }))
}
