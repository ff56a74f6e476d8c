/**
 * Restart intensity, as an OTP supervisor counts it: more than `maxRestarts` restarts within `restartPeriodMs` and the
 * child is given up. Times are those of the restarts that still count.
 */
export function recordRestart(times: readonly number[], now: number, periodMs: number): number[] {
  return [...times.filter((time) => now - time < periodMs), now]
}

/** Whether one more restart now would be one too many. */
export function intensityExceeded(
  times: readonly number[],
  now: number,
  { maxRestarts, restartPeriodMs }: { maxRestarts: number; restartPeriodMs: number },
): boolean {
  return recordRestart(times, now, restartPeriodMs).length > maxRestarts
}
