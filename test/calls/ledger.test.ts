import { describe, expect, it, vi } from 'vitest'

import { type LedgerPorts, createLedger } from '../../src/calls/ledger.js'
import { failure } from '../../src/errors.js'
import { createVirtualClock } from '../support/virtual-clock.js'

const work = { kind: 'request', method: 'tools/call', params: {} } as const

function ledgerBench() {
  const clock = createVirtualClock()
  const withdraw = vi.fn<LedgerPorts['withdraw']>()
  const settled = vi.fn()
  return { clock, withdraw, settled, ledger: createLedger({ clock, withdraw, settled }) }
}

const terms = (over: object = {}) => ({ idleMs: 1_000, capMs: 5_000, ...over })

describe('the ledger', () => {
  it('settles a call once: what comes later is ignored', async () => {
    const { ledger, settled, clock } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms())
    ledger.succeed(callId, 'first')
    ledger.succeed(callId, 'second')
    ledger.fail(callId, failure('CONNECTION_LOST', 'late'))
    await expect(promise).resolves.toBe('first')
    expect(settled).toHaveBeenCalledTimes(1)
    expect(clock.pending).toBe(0)
  })

  it('minds no silence while the server waits for an answer of the host, but the cap all the same', async () => {
    const { ledger, clock } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms())
    const resume = ledger.pause(callId)
    clock.advance(3_000)
    resume()
    clock.advance(999)
    expect(ledger.work(callId)).toBe(work)
    clock.advance(1)
    await expect(promise).rejects.toMatchObject({ code: 'CALL_TIMEOUT' })

    const second = ledger.open({ name: 'a' }, work, terms())
    ledger.pause(second.callId)
    clock.advance(5_000)
    await expect(second.promise).rejects.toMatchObject({ code: 'CALL_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  it('says that a call that expired in the queue was not delivered, and takes it out of the queue', async () => {
    const { ledger, clock, withdraw } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms())
    clock.advance(1_000)
    await expect(promise).rejects.toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'no', phase: 'queue', server: 'a' })
    expect(withdraw).toHaveBeenCalledWith({ name: 'a' }, { type: 'queue.expired', callId })
  })

  it('says that a call that expired after it was sent may have been delivered, and cancels it', async () => {
    const { ledger, clock, withdraw } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms())
    ledger.sent(callId)
    clock.advance(1_000)
    await expect(promise).rejects.toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe', phase: 'call' })
    expect(withdraw).toHaveBeenCalledWith({ name: 'a' }, { type: 'cancel', callId })
  })

  it('lets progress extend the idle deadline, but never the cap', async () => {
    const { ledger, clock } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms())
    ledger.sent(callId)
    const rejected = expect(promise).rejects.toMatchObject({
      code: 'CALL_TIMEOUT',
      message: 'Call to server "a" got no answer within 5000 ms',
    })
    for (let n = 1; n <= 9; n++) {
      clock.advance(500)
      ledger.progress(callId, { progress: n })
      expect(ledger.work(callId)).toBe(work)
    }
    clock.advance(500)
    expect(ledger.work(callId)).toBeUndefined()
    await rejected
  })

  it('waits until the cap when the idle deadline is 0', async () => {
    const { ledger, clock } = ledgerBench()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms({ idleMs: 0 }))
    clock.advance(4_999)
    expect(ledger.work(callId)).toBe(work)
    clock.advance(1)
    await expect(promise).rejects.toMatchObject({ code: 'CALL_TIMEOUT' })
  })

  it('rejects with the reason of the abort as cause and tells the server once', async () => {
    const { ledger, withdraw } = ledgerBench()
    const abort = new AbortController()
    const { callId, promise } = ledger.open({ name: 'a' }, work, terms({ signal: abort.signal }))
    ledger.sent(callId)
    abort.abort(new Error('user left'))
    await expect(promise).rejects.toMatchObject({
      code: 'CALL_ABORTED',
      delivered: 'maybe',
      cause: { message: 'user left' },
    })
    expect(withdraw).toHaveBeenCalledTimes(1)
  })

  it('puts one listener on a signal however many calls share it, and none when they have settled', async () => {
    const { ledger } = ledgerBench()
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const calls = Array.from({ length: 1_000 }, () => ledger.open({ name: 'a' }, work, terms({ signal })))
    for (const { callId } of calls) ledger.succeed(callId, undefined)
    await Promise.all(calls.map(({ promise }) => promise))
    expect(add).toHaveBeenCalledTimes(1)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  it('counts the calls of a server that wait and that are in flight', () => {
    const { ledger } = ledgerBench()
    const [first, second] = ['a', 'a', 'b'].map((server) => ledger.open({ name: server }, work, terms()).callId)
    ledger.sent(first as number)
    expect(ledger.counts({ name: 'a' })).toEqual({ queued: 1, inFlight: 1 })
    ledger.unsent(first as number)
    ledger.succeed(second as number, undefined)
    expect(ledger.counts({ name: 'a' })).toEqual({ queued: 1, inFlight: 0 })
  })
})
