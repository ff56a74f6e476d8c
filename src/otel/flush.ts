import { metrics, trace } from '@opentelemetry/api'

interface Flushable {
  getDelegate?(): Flushable
  forceFlush?(): Promise<void>
}

/**
 * Has the registered providers export what they hold, for a program that is about to end. Resolves at the latest after
 * the time; what could not be exported by then is lost, as it is when a provider fails.
 */
export async function flushTelemetry(timeoutMs = 3_000): Promise<void> {
  const providers: Flushable[] = [trace.getTracerProvider() as Flushable, metrics.getMeterProvider() as Flushable]
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
  await Promise.race([Promise.allSettled(providers.map(flush)), tooLate])
  clearTimeout(timer)
}

async function flush(provider: Flushable): Promise<void> {
  await (provider.getDelegate?.() ?? provider).forceFlush?.()
}
