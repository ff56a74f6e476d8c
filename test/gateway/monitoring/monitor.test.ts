import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createCallCounts } from '../../../src/gateway/monitoring/call-counts.js'
import { prometheusText } from '../../../src/gateway/monitoring/prometheus-text.js'
import { stdioServer } from '../../support/fixture-servers.js'
import { legacyClient, openGateway } from '../gateway-bench.js'
import { send } from '../raw-client.js'

const get = (url: string, path: string, token?: string) =>
  send(url, { method: 'GET', path, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

/** The text format of Prometheus: each family is introduced by its help and type, and its samples follow. */
const label = String.raw`\w+="(?:[^"\\\n]|\\[\\"n])*"`
const sample = String.raw`\1(?:_bucket|_sum|_count)?(?:\{${label}(?:,${label})*\})? (?:\+Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?)`
const lawful = new RegExp(String.raw`^(?:# HELP (\w+) .+\n# TYPE \1 (?:counter|gauge|histogram)\n(?:${sample}\n)*)+$`)

describe('pages for whoever watches', () => {
  it('are not there unless asked for', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() })
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect(await get(endpoint.url, path, endpoint.token)).toMatchObject({ status: 404 })
  })

  it('say without a token that it lives and takes requests, and no more', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { monitoring: true })
    expect(await get(endpoint.url, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await get(endpoint.url, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' })
    expect(await get(endpoint.url, '/metrics')).toMatchObject({ status: 401 })
    expect(await send(endpoint.url, { path: '/healthz', headers: { host: 'evil.test' }, method: 'GET' })).toMatchObject(
      { status: 421 },
    )
    expect(await send(endpoint.url, { path: '/healthz' })).toMatchObject({ status: 405 })
  })

  it('tell nothing of other servers to who comes by the token of a view', async () => {
    const token = 'r'.repeat(20)
    const servers = { mine: stdioServer(), secret: stdioServer() }
    const { endpoint } = await openGateway(
      servers,
      { views: { reader: { token, allow: ['mine'] } } },
      { monitoring: true },
    )
    const refused = await get(endpoint.url, '/metrics', token)
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.text).not.toContain('secret')
    expect((await get(endpoint.url, '/metrics', endpoint.token)).text).toContain('secret')
  })

  it('say that it is not ready when every server has failed', async () => {
    const { endpoint, supervisor } = await openGateway(
      { gone: { command: 'no-such-command' } },
      {},
      { monitoring: true },
    )
    expect(await get(endpoint.url, '/readyz')).toMatchObject({ status: 200 })
    await supervisor.connect('gone').catch(() => undefined)
    expect(await get(endpoint.url, '/readyz')).toMatchObject({ status: 503, text: 'not ready\n' })
  })

  it('count calls by server, method and outcome, and never by tool', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { monitoring: true })
    const client = await legacyClient(endpoint)
    await client.callTool({ name: 'server__echo', arguments: { text: 'a' } })
    await client.callTool({ name: 'server__echo', arguments: { text: 'b' } })
    await client.callTool({ name: 'server__rpc-error', arguments: {} }).catch(() => undefined)
    const { text, headers } = await get(endpoint.url, '/metrics', endpoint.token)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('mcpvisor_server_state{server="server",state="ready"} 1\n')
    expect(text).toContain('mcpvisor_calls_total{server="server",method="tools/call",outcome="ok"} 2\n')
    expect(text).toContain('mcpvisor_calls_total{server="server",method="tools/call",outcome="MCP_ERROR"} 1\n')
    expect(text).toContain('mcpvisor_call_duration_seconds_count{server="server",method="tools/call"} 3\n')
    expect(text).toContain('mcpvisor_gateway_clients{transport="http"} 1\n')
    expect(text).not.toContain('echo')
    expect(text).toMatch(lawful)
    const series = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/ [^ ]+$/, ''))
    expect(new Set(series).size).toBe(series.length)
  })
})

describe('a histogram', () => {
  it('counts every call once, in the buckets at and above its duration', () => {
    const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(durations, (all) => {
        const calls = createCallCounts()
        for (const durationMs of all)
          calls.add({ type: 'call.settled', server: 's', callId: 1, method: 'm', durationMs })
        for (const { labels, value, suffix } of calls.durations()) {
          if (suffix === '_count') expect(value).toBe(all.length)
          if (suffix !== '_bucket') continue
          const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le'])
          expect(value).toBe(all.filter((ms) => ms / 1_000 <= bound).length)
        }
      }),
    )
  })

  it('writes names of servers as they must be written', () => {
    const samples = [{ labels: { server: 'a"b\\c\nd' }, value: 1 }]
    expect(prometheusText([{ name: 'x', type: 'gauge', help: 'h', samples }])).toBe(
      '# HELP x h\n# TYPE x gauge\nx{server="a\\"b\\\\c\\nd"} 1\n',
    )
  })
})
