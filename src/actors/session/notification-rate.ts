/** More notifications of one server within a second serve nobody who listens. */
export const notificationsPerSecond = 100

/** Returns a claim that one more notification may pass now. */
export function createNotificationRate(): () => boolean {
  let secondBegan = -Infinity
  let passed = 0

  return () => {
    const now = performance.now()
    if (now - secondBegan >= 1_000) {
      secondBegan = now
      passed = 0
    }
    passed += 1
    return passed <= notificationsPerSecond
  }
}
