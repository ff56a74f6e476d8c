import type { Histogram, Meter, UpDownCounter } from '@opentelemetry/api'

/** What is measured; times in seconds. */
export interface Instruments {
  /** From the moment a request was sent to its end. */
  readonly operation: Histogram
  /** From the handshake to the end of the connection. */
  readonly session: Histogram
  /** From the call to the moment its request was sent, or it was given up. */
  readonly queue: Histogram
  /** From the beginning of an attempt to connect until the server is ready, or the attempt has failed. */
  readonly connect: Histogram
  /** Sessions that are open now. */
  readonly sessions: UpDownCounter
}

const boundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

export function createInstruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: boundaries } })
  return {
    operation: seconds('mcp.client.operation.duration', 'How long requests took, from sending to their end.'),
    session: seconds('mcp.client.session.duration', 'How long sessions lasted.'),
    queue: seconds('mcpvisor.queue.duration', 'How long calls waited before they were sent or given up.'),
    connect: seconds('mcpvisor.connect.duration', 'How long attempts to connect took.'),
    sessions: meter.createUpDownCounter('mcpvisor.sessions', {
      unit: '{session}',
      description: 'Sessions that are open.',
    }),
  }
}
