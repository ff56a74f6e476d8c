import type { ServerStatus, Supervisor } from '../../index.js'
import type { Client } from '../clients/client.js'
import { createCallCounts } from './call-counts.js'
import { type Metric, type Sample, prometheusText } from './prometheus-text.js'

/** What a machine that watches the gateway is told. */
export interface Monitor {
  /** Whether a request can be expected to be answered: not when every server has failed. */
  isReady(): boolean
  /** In the text format of Prometheus. */
  metrics(): string
  close(): void
}

const transports = ['stdio', 'http'] as const

export function createMonitor(supervisor: Supervisor, clients: () => readonly Client[]): Monitor {
  const calls = createCallCounts()
  const ignore = [
    supervisor.on('call.settled', calls.add),
    supervisor.on('config.reloaded', ({ report }) => void (report.ok && report.removed.forEach(calls.forget))),
  ]

  function metrics(): Metric[] {
    const statuses = supervisor.statuses()
    const gauge = (name: string, help: string, valueOf: (status: ServerStatus) => number): Metric => ({
      name,
      help,
      type: 'gauge',
      samples: statuses.map((status) => ({ labels: { server: status.name }, value: valueOf(status) })),
    })
    return [
      {
        name: 'mcpvisor_server_state',
        type: 'gauge',
        help: '1 for the state that the server is in.',
        samples: statuses.map(({ name, state }) => ({ labels: { server: name, state }, value: 1 })),
      },
      gauge('mcpvisor_server_up', 'Whether the server is ready.', ({ connected }) => Number(connected)),
      {
        ...gauge('mcpvisor_server_restarts_total', 'Restarts after a loss.', ({ restarts }) => restarts),
        type: 'counter',
      },
      gauge('mcpvisor_calls_in_flight', 'Calls that the server has not answered yet.', ({ inFlight }) => inFlight),
      gauge('mcpvisor_calls_queued', 'Calls that wait for the server.', ({ queued }) => queued),
      {
        name: 'mcpvisor_calls_total',
        type: 'counter',
        help: 'Settled calls, by method and outcome: ok, or the code of the failure.',
        samples: calls.counts(),
      },
      {
        name: 'mcpvisor_call_duration_seconds',
        type: 'histogram',
        help: 'How long calls took, waiting included.',
        samples: calls.durations(),
      },
      {
        name: 'mcpvisor_gateway_clients',
        type: 'gauge',
        help: 'Clients that are connected, or of 2026-07-28 the tokens that were used.',
        samples: transports.map((transport): Sample => {
          const of = clients().filter((client) => client.transport === transport)
          return { labels: { transport }, value: of.length }
        }),
      },
    ]
  }

  return {
    isReady() {
      const statuses = supervisor.statuses()
      return statuses.length === 0 || statuses.some(({ state }) => state !== 'failed')
    },
    metrics: () => prometheusText(metrics()),
    close: () => ignore.forEach((stop) => stop()),
  }
}
