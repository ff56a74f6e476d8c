/**
 * Plain data of a peer with its secrets masked, in keys and values alike; the same object when it holds none. Data that
 * cannot be masked piece by piece is replaced whole.
 */
export function maskData<T extends object>(data: T, mask: (text: string) => string): T | Record<string, unknown>
export function maskData(data: unknown, mask: (text: string) => string): unknown
export function maskData(data: unknown, mask: (text: string) => string): unknown {
  try {
    const text = JSON.stringify(data)
    const masked = mask(text)
    return masked === text ? data : JSON.parse(masked)
  } catch {
    // Too deep for the stack, or a secret that looks like the punctuation of JSON: nothing of it may be shown.
    return { masked: '***' }
  }
}
