/**
 * What telemetry costs a call: a supervisor without it beside others with it, on one echo server each over stdio. Rounds
 * alternate, so that the machine's moods hit all; the two without it show how large those moods are. Quote the ratios.
 *
 *     npm run bench:telemetry
 */
import { fileURLToPath } from 'node:url'

import { createNoopMeter, trace } from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { createSupervisor } from 'mcpvisor'
import { createTelemetry } from 'mcpvisor/otel'

const rounds = 12
const callsPerRound = 2_000
const command = process.execPath
const args = [fileURLToPath(new URL('echo-server.js', import.meta.url))]

const dropped = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} }
const sdk = {
  tracer: new BasicTracerProvider({ spanProcessors: [dropped] }).getTracer('bench'),
  meter: new MeterProvider().getMeter('bench'),
}
const subjects = Object.entries({
  'without telemetry': undefined,
  'without, once more': undefined,
  'no SDK registered': createTelemetry({ tracer: trace.getTracer('bench'), meter: createNoopMeter() }),
  'traces and metrics': createTelemetry(sdk),
}).map(([name, telemetry]) => ({
  name,
  supervisor: createSupervisor({ mcpServers: { echo: { command, args } } }, telemetry && { telemetry }),
  samples: [],
}))
await Promise.all(subjects.map(({ supervisor }) => supervisor.connect('echo')))

async function measure(supervisor) {
  const cpu = process.cpuUsage()
  for (let n = 0; n < callsPerRound; n++) await supervisor.callTool('echo', 'echo', { text: 'x' })
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / callsPerRound
}

for (let round = 0; round <= rounds; round++) {
  // Nobody is always first: what one leaves to be collected, the next one pays.
  const order = subjects.map((_, n) => subjects[(n + round) % subjects.length])
  for (const { supervisor, samples } of order) {
    const cpuUs = await measure(supervisor)
    if (round > 0) samples.push(cpuUs) // the first round warms up
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const [baseline] = subjects
for (const { name, samples } of subjects) {
  const [own, base] = [median(samples), median(baseline.samples)]
  const figures = `${own.toFixed(0).padStart(5)} us CPU a call  ${(own / base).toFixed(2)}`
  console.log(`${name.padEnd(20)}${figures}`)
}

await Promise.all(subjects.map(({ supervisor }) => supervisor.close()))
