/** Epoch milliseconds that never jump. */
export const now = (): number => performance.timeOrigin + performance.now()

export const seconds = (fromMs: number, toMs: number): number => (toMs - fromMs) / 1_000
