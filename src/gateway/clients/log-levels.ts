import type { LogLevel } from '../../index.js'

/** Least severe first (RFC 5424). */
const levels: readonly LogLevel[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return levels.indexOf(level) >= levels.indexOf(least)
}

/** The level that leaves nobody without what they asked for. */
export function mostTalkative(wanted: readonly LogLevel[]): LogLevel | undefined {
  return levels.find((level) => wanted.includes(level))
}
