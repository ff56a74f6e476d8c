/** Telemetry whose spans and measurements are collected in memory, with the context of callers followed through promises. */
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'

import type { Telemetry } from '../../src/index.js'
import { type TelemetryOptions, createTelemetry } from '../../src/otel/index.js'
import { until } from '../support/fixture-servers.js'

export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly count: number
  readonly sum: number
  readonly boundaries: readonly number[]
}

export interface Collected {
  readonly telemetry: Telemetry
  spans(): ReadableSpan[]
  /** The names of those that have begun and not ended. */
  open(): string[]
  /** The spans of that name, the oldest first, once there are so many. */
  named(name: string, count?: number): Promise<ReadableSpan[]>
  /** What was measured under that name, in a histogram. */
  points(name: string): Promise<Point[]>
  /** The value of a counter. */
  count(name: string): Promise<unknown>
  /** Runs the work within a span of an agent. */
  asAgent<T>(work: () => Promise<T>): Promise<T>
}

export function collect(options: TelemetryOptions = {}): Collected {
  const exporter = new InMemorySpanExporter()
  const open = new Set<ReadableSpan>()
  const counting = {
    onStart: (span: ReadableSpan) => void open.add(span),
    onEnd: (span: ReadableSpan) => void open.delete(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter), counting] })
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(async () => {
    context.disable()
    propagation.disable()
    await Promise.all([provider.shutdown(), meters.shutdown()])
  })
  const tracer = provider.getTracer('test')
  const spans = () => exporter.getFinishedSpans().toSorted((a, b) => startOf(a) - startOf(b))
  const withName = (name: string) => spans().filter((span) => span.name === name)

  async function measured(name: string): Promise<DataPoint<unknown>[]> {
    metricExporter.reset()
    await reader.forceFlush()
    const metrics = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((of) => of.metrics))
    return metrics
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as DataPoint<unknown>[])
  }

  return {
    telemetry: createTelemetry({ tracer, meter: meters.getMeter('test'), ...options }),
    spans,
    open: () => [...open].map(({ name }) => name),
    async named(name, count = 1) {
      await until(() => withName(name).length >= count)
      return withName(name)
    },
    async points(name) {
      const points = (await measured(name)) as DataPoint<Histogram>[]
      return points.map(({ attributes, value: { count, sum = 0, buckets } }) => ({
        attributes,
        count,
        sum,
        boundaries: buckets.boundaries,
      }))
    },
    count: async (name) => (await measured(name)).at(-1)?.value,
    asAgent: async (work) => {
      const span = tracer.startSpan('agent')
      try {
        return await context.with(trace.setSpan(context.active(), span), work)
      } finally {
        span.end()
      }
    },
  }
}

const startOf = ({ startTime: [seconds, nanos] }: ReadableSpan): number => seconds * 1e9 + nanos

/** The span that another one is within, by their ids. */
export function isWithin(inner: ReadableSpan | undefined, outer: ReadableSpan | undefined): boolean {
  if (!inner || !outer) return false
  const { traceId, spanId } = outer.spanContext()
  return inner.spanContext().traceId === traceId && inner.parentSpanContext?.spanId === spanId
}

/** As a server is told of a span in `_meta`. */
export function traceparentOf(span: ReadableSpan | undefined): string {
  const { traceId = '', spanId = '' } = span?.spanContext() ?? {}
  return `00-${traceId}-${spanId}-01`
}
