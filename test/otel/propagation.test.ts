import { ROOT_CONTEXT, type TextMapPropagator, propagation, trace } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

import { createPropagation } from '../../src/otel/propagation.js'

afterEach(() => propagation.disable())

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })
const traceparent = fc
  .tuple(hex(32), hex(16), fc.constantFrom('00', '01'))
  .filter(([traceId, spanId]) => /[^0]/.test(traceId) && /[^0]/.test(spanId))
  .map(([traceId, spanId, flags]) => `00-${traceId}-${spanId}-${flags}`)

describe('without a propagator of the host', () => {
  test('what is read is written again, as the official W3C propagator does', () => {
    const [ours, official] = [createPropagation(), createPropagation(new W3CTraceContextPropagator())]
    fc.assert(
      fc.property(traceparent, fc.option(fc.constant('a=1,b=2'), { nil: undefined }), (parent, state) => {
        const given = { traceparent: parent, ...(state && { tracestate: state }) }
        expect(ours.inject(ours.extract(ROOT_CONTEXT, given))).toEqual(given)
        const laden = { ...given, baggage: 'user=anna' }
        expect(ours.inject(ours.extract(ROOT_CONTEXT, laden))).toEqual(laden)
        expect(official.inject(official.extract(ROOT_CONTEXT, given))).toEqual(given)
      }),
    )
  })

  test('what is no trace context is nobody', () => {
    const { extract, inject } = createPropagation()
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(`00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`)), (text) => {
        const into = extract(ROOT_CONTEXT, { traceparent: text })
        expect(trace.getSpanContext(into)).toBeUndefined()
        expect(inject(into)).toBeUndefined()
      }),
    )
  })
})

test('the propagator of the host is used, and of what it writes what needs no prefix in `_meta`', () => {
  const baggage = propagation.createBaggage({ user: { value: 'anna' } })
  const inContext = propagation.setBaggage(ROOT_CONTEXT, baggage)
  const { inject } = createPropagation()
  expect(inject(inContext)).toBeUndefined()
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  )
  expect(inject(inContext)).toEqual({ baggage: 'user=anna' })
  const foreign: TextMapPropagator = {
    inject: (_, carrier: Record<string, unknown>) => void Object.assign(carrier, { b3: '1-2-3', tracestate: 'a=1' }),
    extract: (into) => into,
    fields: () => ['b3'],
  }
  expect(createPropagation(foreign).inject(ROOT_CONTEXT)).toEqual({ tracestate: 'a=1' })
})
