import { describe, expect, it } from 'vitest'

import { failure } from '../../src/errors.js'
import {
  createServerBench,
  entryOf,
  failedServer,
  lost,
  readyServer,
  refusedConnection,
  up,
} from '../support/server-bench.js'

describe('a server that is not used', () => {
  it('resolves its entry and waits in idle without a connection or a timer', () => {
    const bench = createServerBench()
    expect(bench.states).toEqual(['uninitialized', 'idle'])
    expect(bench.connections).toHaveLength(0)
    expect(bench.clock.pending).toBe(0)
    expect(bench.reports).toEqual([{ type: 'server.adopted', name: 'a', entryId: 'a#1' }])
  })

  it('connects without being asked when its entry says eager', () => {
    const bench = createServerBench(entryOf({ start: 'eager' }))
    expect(bench.state()).toBe('connecting')
  })

  it('is failed from the start when its entry is invalid, and tells its supervisor', () => {
    const invalid = failure('CONFIG_INVALID', 'no transport')
    const bench = createServerBench(entryOf({}, 'a#1', { invalid }))
    expect(bench.state()).toBe('failed')
    expect(bench.context().error).toEqual(invalid)
    expect(bench.reports).toEqual([{ type: 'server.adopted', name: 'a', entryId: 'a#1', error: 'no transport' }])
    expect(bench.context().nextRetryAt).toBeNull()
  })

  it('is failed when its entry cannot be resolved, and resolves it anew on connect', () => {
    const bench = createServerBench(entryOf(), { unresolved: failure('CONFIG_UNRESOLVED', 'TOKEN is not set') })
    expect(bench.state()).toBe('failed')
    bench.bench.unresolved = undefined
    bench.send({ type: 'connect', callId: 1 })
    expect(bench.state()).toBe('connecting')
  })
})

describe('connecting', () => {
  it('has no deadline while it waits for its turn to start, and a whole one from then on', () => {
    const bench = createServerBench(entryOf({ connectTimeoutMs: 1_000 }))
    bench.send({ type: 'connect', callId: 1 })
    bench.connection().report({ type: 'connection.waiting' })
    bench.clock.advance(60_000)
    expect(bench.state()).toBe('connecting')

    bench.connection().report({ type: 'connection.admitted' })
    bench.clock.advance(999)
    expect(bench.states).toEqual(['uninitialized', 'idle', 'connecting'])
    bench.clock.advance(1)
    expect(bench.states.slice(-2)).toEqual(['timedOut', 'retrying'])
  })

  it('begins with the first call and hands the waiting calls over in order when it is up', () => {
    const bench = createServerBench()
    for (const callId of [1, 2, 3]) bench.send({ type: 'call', callId })
    expect(bench.connections).toHaveLength(1)
    bench.connection().report(up)
    expect(bench.state()).toBe('ready')
    expect(bench.connection().told).toEqual([1, 2, 3].map((callId) => ({ type: 'call', callId })))
    expect(bench.context().queue).toEqual([])
  })

  it('leaves a call that was cancelled or expired out of the queue', () => {
    const bench = createServerBench()
    for (const callId of [1, 2, 3]) bench.send({ type: 'call', callId })
    bench.send({ type: 'cancel', callId: 1 })
    bench.send({ type: 'queue.expired', callId: 3 })
    bench.connection().report(up)
    expect(bench.connection().told).toEqual([{ type: 'call', callId: 2 }])
  })

  it('is abandoned when the only caller aborts', () => {
    const bench = createServerBench()
    bench.send({ type: 'call', callId: 1 })
    bench.send({ type: 'cancel', callId: 1 })
    expect(bench.state()).toBe('closing')
    expect(bench.connection().told).toMatchObject([{ type: 'terminate' }])
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.state()).toBe('idle')
  })

  it('goes on when the only caller of one that starts eagerly aborts', () => {
    const bench = createServerBench(entryOf({ start: 'eager' }))
    bench.send({ type: 'call', callId: 1 })
    bench.send({ type: 'cancel', callId: 1 })
    expect(bench.state()).toBe('connecting')
    bench.connection().report(up)
    expect(bench.state()).toBe('ready')
    expect(bench.connection().told).toEqual([])
  })

  it('goes on when the only call expired, so that a slow server is warm for the next one', () => {
    const bench = createServerBench()
    bench.send({ type: 'call', callId: 1 })
    bench.send({ type: 'queue.expired', callId: 1 })
    expect(bench.state()).toBe('connecting')
  })

  it('refuses one call more than the queue may hold', () => {
    const bench = createServerBench(entryOf({ maxQueue: 2 }))
    for (const callId of [1, 2, 3]) bench.send({ type: 'call', callId })
    expect(bench.refused).toMatchObject([{ callId: 3, failure: { code: 'QUEUE_FULL', delivered: 'no' } }])
  })

  it('passes through timedOut at its deadline, with the hard stop, and retries', () => {
    const bench = createServerBench(entryOf({ connectTimeoutMs: 1_000 }))
    bench.send({ type: 'call', callId: 1 })
    bench.clock.advance(1_000)
    expect(bench.states.slice(-3)).toEqual(['connecting', 'timedOut', 'retrying'])
    expect(bench.connections[0]?.isStopped).toBe(true)
    expect(bench.context().error).toMatchObject({ code: 'CONNECT_TIMEOUT', attempt: 1 })
    expect(bench.context().queue).toEqual([1])
  })

  it('makes attempts after growing delays until the retries are used up, then fails the waiting calls', () => {
    const bench = createServerBench(entryOf({ retries: 2, minTimeoutMs: 100, factor: 2 }))
    bench.send({ type: 'call', callId: 1 })
    bench.connection().report(refusedConnection())
    expect(bench.context().delayMs).toBe(100)
    bench.clock.advance(99)
    expect(bench.connections).toHaveLength(1)
    bench.clock.advance(1)
    expect(bench.connections).toHaveLength(2)
    bench.connection().report(refusedConnection())
    expect(bench.context().delayMs).toBe(200)
    bench.clock.advance(200)
    expect(bench.connection().input).toMatchObject({ attempt: 3, generation: 3 })
    bench.connection().report(refusedConnection())
    expect(bench.state()).toBe('failed')
    expect(bench.refused).toMatchObject([{ callId: 1, failure: { code: 'CONNECTION_LOST', attempt: 3 } }])
  })

  it('never retries a permanent failure', () => {
    const bench = createServerBench()
    bench.send({ type: 'call', callId: 1 })
    bench.connection().report({ type: 'connection.failed', failure: failure('SPAWN_FAILED', 'no such command') })
    expect(bench.state()).toBe('failed')
    expect(bench.context().nextRetryAt).toBeNull()
    bench.clock.advance(10_000_000)
    expect(bench.connections).toHaveLength(1)
  })

  it('waits at least as long as the server asked', () => {
    const bench = createServerBench(entryOf({ minTimeoutMs: 100 }))
    bench.send({ type: 'call', callId: 1 })
    bench.connection().report({
      type: 'connection.failed',
      failure: failure('SERVER_UNAVAILABLE', '503', { retryAfterMs: 7_000 }),
    })
    bench.clock.advance(6_999)
    expect(bench.connections).toHaveLength(1)
    bench.clock.advance(1)
    expect(bench.connections).toHaveLength(2)
  })
})

describe('ready', () => {
  it('relays calls, cancels and connects to the connection', () => {
    const bench = readyServer()
    bench.send({ type: 'call', callId: 2 })
    bench.send({ type: 'cancel', callId: 2 })
    bench.send({ type: 'connect', callId: 3 })
    expect(bench.connection().told).toEqual([
      { type: 'call', callId: 1 },
      { type: 'call', callId: 2 },
      { type: 'cancel', callId: 2 },
      { type: 'call', callId: 3 },
    ])
  })

  it('restarts at once after the first loss and carries the calls that never left', () => {
    const bench = readyServer()
    bench.connection().report(lost([8, 9]))
    expect(bench.state()).toBe('retrying')
    bench.clock.advance(0)
    expect(bench.state()).toBe('connecting')
    bench.connection().report(up)
    expect(bench.connection().told.map((command) => 'callId' in command && command.callId)).toEqual([8, 9])
    expect(bench.context().restarts).toBe(1)
  })

  it('opens the circuit when it restarts more often than the intensity allows', () => {
    const bench = readyServer({ maxRestarts: 2, restartPeriodMs: 10_000, minTimeoutMs: 10 })
    for (let n = 0; n < 2; n++) {
      bench.connection().report(lost())
      bench.clock.advance(100)
      bench.connection().report(up)
    }
    expect(bench.state()).toBe('ready')
    bench.connection().report(lost())
    expect(bench.state()).toBe('failed')
    expect(bench.connections).toHaveLength(3)
  })

  it('forgets earlier failures after a stable time', () => {
    const bench = readyServer({ stableAfterMs: 60_000, minTimeoutMs: 500 })
    bench.connection().report(lost())
    bench.clock.advance(0)
    bench.connection().report(up)
    bench.connection().report(lost())
    expect(bench.context().delayMs).toBe(500)
    bench.clock.advance(500)
    bench.connection().report(up)
    bench.clock.advance(60_000)
    bench.connection().report(lost())
    expect(bench.context().delayMs).toBe(0)
  })

  it('closes when it is unused and starts again on use', () => {
    const bench = readyServer()
    bench.connection().report({ type: 'connection.unused' })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.state()).toBe('idle')
    bench.send({ type: 'call', callId: 2 })
    expect(bench.state()).toBe('connecting')
  })
})

describe('failed', () => {
  it('refuses calls at once with the cause and the time of the next attempt', () => {
    const bench = failedServer({ cooldownMs: 30_000 })
    bench.send({ type: 'call', callId: 2 })
    expect(bench.refused.at(-1)).toMatchObject({
      callId: 2,
      failure: {
        code: 'SERVER_UNAVAILABLE',
        delivered: 'no',
        retryable: true,
        nextRetryAt: bench.clock.now() + 30_000,
        cause: { code: 'CONNECTION_LOST' },
      },
    })
  })

  it('makes one probe after the cool-down, which doubles up to ten times', () => {
    const bench = failedServer({ cooldownMs: 1_000 })
    const cooldowns: number[] = []
    for (let trip = 0; trip < 6; trip++) {
      cooldowns.push(bench.context().delayMs)
      bench.clock.advance(bench.context().delayMs)
      expect(bench.connections).toHaveLength(trip + 2)
      bench.connection().report(refusedConnection())
      expect(bench.state()).toBe('failed')
    }
    expect(cooldowns).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('makes no more than one probe either when it was the restarts that were used up', () => {
    const bench = readyServer({ maxRestarts: 0, retries: 3, cooldownMs: 1_000 })
    bench.connection().report(lost())
    expect(bench.state()).toBe('failed')
    bench.clock.advance(1_000)
    bench.connection().report(refusedConnection())
    expect(bench.state()).toBe('failed')
  })

  it('connects at once when asked, with a fresh series of attempts', () => {
    const bench = failedServer()
    bench.send({ type: 'connect', callId: 2 })
    expect(bench.connection().input).toMatchObject({ attempt: 1, generation: 2 })
  })

  it('keeps the code of a failed authorization, so that a caller can act on it', () => {
    const bench = createServerBench()
    bench.send({ type: 'call', callId: 1 })
    bench.connection().report({ type: 'connection.failed', failure: failure('AUTH_REQUIRED', '401') })
    bench.send({ type: 'call', callId: 2 })
    expect(bench.refused.map(({ failure: { code } }) => code)).toEqual(['AUTH_REQUIRED', 'AUTH_REQUIRED'])
  })
})

describe('closing', () => {
  it('drains, terminates and is closed when it is stopped', () => {
    const bench = readyServer()
    bench.send({ type: 'stop', reason: 'removed' })
    expect(bench.connection().told.at(-1)).toEqual({ type: 'drain' })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    expect(bench.connection().told.at(-1)).toMatchObject({ type: 'terminate', failure: { code: 'SERVER_REMOVED' } })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.state()).toBe('closed')
    expect(bench.clock.pending).toBe(0)
  })

  it('terminates when draining takes too long, and ends when terminating does', () => {
    const bench = readyServer({ drainTimeoutMs: 1_000, shutdownTimeoutMs: 500 })
    bench.send({ type: 'stop', reason: 'shutdown' })
    bench.clock.advance(1_000)
    expect(bench.connection().told.at(-1)).toMatchObject({ type: 'terminate', failure: { code: 'SHUTDOWN' } })
    bench.clock.advance(3_500)
    expect(bench.state()).toBe('closed')
    expect(bench.connection().isStopped).toBe(true)
  })

  it('refuses calls while it stops, also those that never left', () => {
    const bench = readyServer()
    bench.send({ type: 'stop', reason: 'removed' })
    bench.send({ type: 'call', callId: 2 })
    bench.connection().report({ type: 'connection.drained', unsent: [3] })
    bench.connection().report({ type: 'connection.closed', unsent: [4] })
    expect(bench.refused.map(({ callId, failure: { code } }) => [callId, code])).toEqual([
      [2, 'SERVER_REMOVED'],
      [4, 'SERVER_REMOVED'],
      [3, 'SERVER_REMOVED'],
    ])
  })

  it('takes a new configuration after draining, and calls that arrive meanwhile wait for it', () => {
    const bench = readyServer()
    bench.send({ type: 'reconfigure', entry: entryOf({}, 'a#2') })
    bench.send({ type: 'call', callId: 2 })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.state()).toBe('connecting')
    expect(bench.connection().input.entry.id).toBe('a#2')
    bench.connection().report(up)
    expect(bench.connection().told).toEqual([{ type: 'call', callId: 2 }])
    expect(bench.reports.at(-1)).toMatchObject({ entryId: 'a#2' })
  })

  it('takes the last of several configurations', () => {
    const bench = readyServer()
    bench.send({ type: 'reconfigure', entry: entryOf({}, 'a#2') })
    bench.send({ type: 'reconfigure', entry: entryOf({}, 'a#3') })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.context().entry.id).toBe('a#3')
    expect(bench.state()).toBe('idle')
  })

  it('comes back to life when a reload brings back a server that was being removed', () => {
    const bench = readyServer()
    bench.send({ type: 'stop', reason: 'removed' })
    bench.send({ type: 'reconfigure', entry: entryOf({}, 'a#2') })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.state()).toBe('idle')
  })

  it('abandons an attempt under way when it is stopped or reconfigured', () => {
    for (const event of [
      { type: 'stop', reason: 'removed' },
      { type: 'reconfigure', entry: entryOf({}, 'a#2') },
    ] as const) {
      const bench = createServerBench()
      bench.send({ type: 'connect', callId: 1 })
      bench.send(event)
      expect(bench.connection().told).toMatchObject([{ type: 'terminate' }])
    }
  })

  it('goes straight to closed from a state without a connection', () => {
    const idle = createServerBench()
    const failed = failedServer()
    for (const bench of [idle, failed]) {
      bench.send({ type: 'stop', reason: 'removed' })
      expect(bench.state()).toBe('closed')
      expect(bench.clock.pending).toBe(0)
    }
  })
})

describe('probe', () => {
  it('makes one attempt from idle and one from failed, whatever the retries', () => {
    const bench = createServerBench(entryOf({ retries: 3 }))
    for (const callId of [1, 2]) {
      bench.send({ type: 'probe', callId })
      bench.connection().report(refusedConnection())
      expect(bench.state()).toBe('failed')
    }
    expect(bench.connections).toHaveLength(2)
    expect(bench.refused.map(({ callId }) => callId)).toEqual([1, 2])
  })

  it('joins the attempts that others wait for', () => {
    const bench = createServerBench(entryOf({ retries: 3 }))
    bench.send({ type: 'call', callId: 1 })
    bench.send({ type: 'probe', callId: 2 })
    bench.connection().report(refusedConnection())
    expect(bench.state()).toBe('retrying')
    expect(bench.context().queue).toEqual([1, 2])
  })
})

describe('restart', () => {
  it('closes a ready server, resolves it anew and connects it again', () => {
    const bench = readyServer()
    bench.send({ type: 'restart', callId: 2 })
    bench.connection().report({ type: 'connection.drained', unsent: [] })
    bench.connection().report({ type: 'connection.closed', unsent: [] })
    expect(bench.states.slice(-3)).toEqual(['closing', 'uninitialized', 'connecting'])
    bench.connection().report(up)
    expect(bench.connection().told).toEqual([{ type: 'call', callId: 2 }])
  })

  it('starts a server that was idle or failed', () => {
    for (const bench of [createServerBench(), failedServer()]) {
      bench.send({ type: 'restart', callId: 2 })
      expect(bench.state()).toBe('connecting')
    }
  })
})
