import { Readable } from 'node:stream'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { HttpAnswer } from '../../../src/actors/http/answer.js'
import { readEvents } from '../../../src/actors/http/event-stream.js'
import { createPace } from '../../../src/actors/http/pace.js'

const limitBytes = 1_000

/** The events of a stream that arrives in these chunks. */
async function eventsOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  const answer = {
    status: 200,
    subject: 'GET /',
    header: () => undefined,
    body,
    pace: createPace(),
  } as unknown as HttpAnswer
  const events: string[] = []
  await readEvents(answer, limitBytes, { event: (type, data) => events.push(`${type} ${data}`) })
  return events
}

/** The bytes of a text, cut at these places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text)
  const ends = [...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end))
}

const stream = (end: string) =>
  ['\uFEFF: welcome', 'data: grüße 😀', '', 'event: note', 'data: two', 'data: lines', '', 'data: last', '', ''].join(
    end,
  )

describe('an event stream', () => {
  it.each([
    ['\\n', '\n'],
    ['\\r\\n', '\r\n'],
    ['\\r', '\r'],
  ])('tells the same events whatever the chunks it comes in, with lines that end in %s', async (_, end) => {
    // The event after a last lone \r is complete only with what follows it.
    const text = `${stream(end)}: over${end}${end}`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (places) => {
        expect(await eventsOf(cut(text, places))).toEqual(['message grüße 😀', 'note two\nlines', 'message last'])
      }),
      { numRuns: 200 },
    )
  })

  it('is given up as soon as a line is longer than the limit, and before it has ended', async () => {
    const line = cut(`data: ${'x'.repeat(limitBytes)}`, [300, 700])
    await expect(eventsOf(line)).rejects.toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe' })
  })

  it('is given up when an event of many lines is longer than the limit', async () => {
    const event = cut(`${`data: ${'x'.repeat(90)}\n`.repeat(30)}\n`, [500, 1_000, 1_500, 2_000])
    await expect(eventsOf(event)).rejects.toThrow(`an event is longer than ${limitBytes} bytes`)
  })

  it('takes any number of events that are within the limit, and leaves out one that was not ended', async () => {
    const events = Array.from({ length: 50 }, (_, n) => `data: ${String(n).repeat(100)}\n\n`)
    expect(await eventsOf(cut(`${events.join('')}data: cut o`, [5_000]))).toHaveLength(50)
  })
})
