/** Several figures read one run: the first that asks starts it. */
export function onceOnly(run) {
  let outcome
  return () => (outcome ??= run())
}
