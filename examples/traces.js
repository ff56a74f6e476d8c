import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createSupervisor } from 'mcpvisor'
import { createTelemetry } from 'mcpvisor/otel'

// What an SDK for OpenTelemetry does at its start; here the spans stay in memory.
const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const supervisor = createSupervisor(
  { mcpServers: { everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] } } },
  { telemetry: createTelemetry() },
)
await trace.getTracer('example').startActiveSpan('agent', async (agent) => {
  await supervisor.callTool('everything', 'echo', { message: 'hello' }) // starts the server
  const slow = supervisor.callTool('everything', 'trigger-long-running-operation', {}, { timeoutMs: 100 })
  await slow.catch(() => {})
  agent.end()
})
await supervisor.close()

/** @param {string} parent @param {string} indent */
function print(parent, indent) {
  for (const span of exporter.getFinishedSpans().toSorted((a, b) => startOf(a) - startOf(b))) {
    if (span.parentSpanContext?.spanId !== parent) continue
    console.log(`${indent}${span.name} ${String(span.attributes['error.type'] ?? '')}`.trimEnd())
    print(span.spanContext().spanId, `${indent}  `)
  }
}

/** @param {{ startTime: [number, number] }} span */
const startOf = ({ startTime: [seconds, nanos] }) => seconds * 1e9 + nanos

const agent = exporter.getFinishedSpans().find(({ name }) => name === 'agent')
console.log(agent?.name)
print(agent?.spanContext().spanId ?? '', '  ')
