import { describe, expect, it } from 'vitest'

import type { SupervisorEvent } from '../../src/index.js'
import { createEventBus } from '../../src/supervisor/event-bus.js'
import { streamEvents } from '../../src/supervisor/event-stream.js'

const written = (line: string): SupervisorEvent => ({ type: 'stderr.written', server: 'a', line })

describe('a stream of events', () => {
  it('answers in order whoever asks before there is an event, also when it ends', async () => {
    const bus = createEventBus(() => undefined)
    const stream = streamEvents(bus)
    const asked = [1, 2, 3].map(() => stream.next())
    bus.emit(written('one'))
    bus.emit(written('two'))
    expect(await Promise.all(asked.slice(0, 2))).toMatchObject([{ value: { line: 'one' } }, { value: { line: 'two' } }])
    await stream.return?.()
    expect(await asked[2]).toEqual({ value: undefined, done: true })
  })
})
