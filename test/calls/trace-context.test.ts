import { describe, expect, test } from 'vitest'

import type { TraceContext } from '../../src/index.js'
import { stdioServer, supervise } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

describe('the trace that a caller was given', () => {
  test('goes with the request and everything that the request takes, where nobody traces', async () => {
    const files = stdioServer()
    const supervisor = supervise({ files })
    const traceContext = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1', baggage: 'y=2' }
    await supervisor.callTool('files', 'echo', { text: 'x' }, { traceContext, onProgress: () => {} })
    await supervisor.callTool('files', 'echo', { text: 'x' })
    const calls = files.journal.lines().filter(({ method }) => method === 'tools/call')
    const own = { progressToken: expect.any(Number) as unknown }
    expect(calls.map(({ params }) => params?.['_meta'])).toEqual([{ ...traceContext, ...own }, own])
  })

  test.each([
    [{ traceparent: 'rubbish' }, '"traceContext.traceparent" must be as W3C Trace Context has it, got "rubbish"'],
    [{ traceparent: 7 }, '"traceContext.traceparent" must be as W3C Trace Context has it, got 7'],
    [{ baggage: ['a=1'] }, '"traceContext.baggage" must be a string, got ["a=1"]'],
  ])('is refused when no server could read it: %j', async (traceContext, message) => {
    const files = stdioServer()
    const supervisor = supervise({ files })
    const options = { traceContext: traceContext as TraceContext }
    expect(await errorOf(supervisor.callTool('files', 'echo', {}, options))).toMatchObject({
      code: 'CONFIG_INVALID',
      message,
    })
    expect(files.pids()).toEqual([])
  })
})
