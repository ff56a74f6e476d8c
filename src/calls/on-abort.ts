const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Runs `callback` when `signal` aborts; returns the function that takes it back.
 *
 * However many calls share a signal, the signal carries one listener, and none when no call is left:
 * ten thousand calls under one signal warn of no leak and leave nothing behind.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = listeners.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) stopListening(signal)
  }
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  listeners.set(signal, callbacks)
  signal.addEventListener('abort', abortAll, { once: true })
  return callbacks
}

function stopListening(signal: AbortSignal): void {
  listeners.delete(signal)
  signal.removeEventListener('abort', abortAll)
}

function abortAll(this: AbortSignal): void {
  const callbacks = listeners.get(this) ?? new Set()
  listeners.delete(this)
  for (const callback of callbacks) callback()
}
