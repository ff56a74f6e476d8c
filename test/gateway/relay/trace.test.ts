import { propagation } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { expect, test } from 'vitest'

import { collect, traceparentOf } from '../../otel/collected.js'
import { httpSurface } from '../../protocol/surfaces.js'
import { stdioServer } from '../../support/fixture-servers.js'
import { legacyClient, modernClient, openGateway } from '../gateway-bench.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const given = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=1', baggage: 'user=anna' }

const ways = [
  { up: '2025-11-25', connect: legacyClient },
  { up: '2026-07-28', connect: modernClient },
]

/** A server of each era, and what the last call of `add` was told in `_meta`. */
async function bothEras() {
  const files = stdioServer()
  const surface = await httpSurface({ legacy: false })
  const received = () => files.journal.lines().findLast((line) => line.method === 'tools/call')?.params
  const requested = () => surface.requests.findLast(({ message }) => message?.method === 'tools/call')?.message?.params
  const metaOf = (params: unknown) => (params as { _meta: object })._meta
  return {
    servers: { legacy: files.entry, modern: { url: surface.url, protocolEra: 'modern' } },
    metaOf: (server: 'legacy' | 'modern') => metaOf(server === 'legacy' ? received() : requested()),
  }
}

test.each(ways)('the trace of a client of $up is passed on as it came where nobody traces', async ({ connect }) => {
  const { servers, metaOf } = await bothEras()
  const { endpoint } = await openGateway(servers)
  const client = await connect(endpoint)
  for (const server of ['legacy', 'modern'] as const) {
    const params = { name: `${server}__add`, arguments: { a: 1, b: 2 } }
    await client.callTool({ ...params, _meta: given })
    expect(metaOf(server)).toMatchObject(given)
    await client.callTool({ ...params, _meta: { ...given, traceparent: 'rubbish', baggage: 'ünlawful' } })
    for (const key of Object.keys(given)) expect(metaOf(server)).not.toHaveProperty(key)
  }
})

test.each(ways)(
  'a call of a client of $up is the parent of the call below where somebody traces',
  async ({ connect }) => {
    propagation.setGlobalPropagator(
      new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
    )
    const { telemetry, named } = collect()
    const { servers, metaOf } = await bothEras()
    const { endpoint } = await openGateway(servers, {}, {}, { telemetry })
    const client = await connect(endpoint)
    for (const [n, server] of (['legacy', 'modern'] as const).entries()) {
      await client.callTool({ name: `${server}__add`, arguments: { a: 1, b: 2 }, _meta: given })
      const call = (await named('tools/call add', n + 1)).at(-1)
      expect(call?.spanContext().traceId).toBe(traceId)
      expect(call?.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true })
      expect(metaOf(server)).toMatchObject({ ...given, traceparent: traceparentOf(call) })
    }
  },
)
