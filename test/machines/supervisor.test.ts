import { describe, expect, it } from 'vitest'

import { createSupervisorBench } from '../support/supervisor-bench.js'

describe('the supervisor', () => {
  it('keeps siblings ready and the process alive when a child throws, and spawns that child anew', () => {
    let isBroken = false
    const bench = createSupervisorBench({
      onAnnounce: (name, state) => {
        if (isBroken && name === 'b' && state === 'closing') throw new Error('a bug of ours')
      },
    })
    bench.reload({ a: '1', b: '1', c: '1' })
    for (const [callId, name] of ['a', 'b', 'c'].entries()) bench.use(name, callId)
    isBroken = true
    bench.server('b').send({ type: 'restart', callId: 9 })
    isBroken = false

    expect(bench.crashed).toEqual(['b'])
    expect([bench.state('a'), bench.state('b'), bench.state('c')]).toEqual(['ready', 'idle', 'ready'])
    expect(bench.rootErrors).toEqual([])
    bench.use('b', 10)
    expect(bench.state('b')).toBe('ready')
  })

  it('spawns, reconfigures and stops exactly what a reload changed', () => {
    const bench = createSupervisorBench()
    bench.reload({ keep: '1', change: '1', drop: '1' })
    for (const [callId, name] of ['keep', 'change', 'drop'].entries()) bench.use(name, callId)
    const kept = bench.server('keep')

    const changes = bench.reload({ keep: '1', change: '2', fresh: '1' })
    expect(changes).toEqual({
      added: ['fresh'],
      removed: ['drop'],
      updated: ['change'],
      unchanged: ['keep'],
      failed: {},
    })
    expect(bench.server('keep')).toBe(kept)
    expect([bench.state('keep'), bench.state('change'), bench.state('fresh'), bench.state('drop')]).toEqual([
      'ready',
      'idle',
      'idle',
      undefined,
    ])
    expect([bench.open('keep'), bench.open('change'), bench.open('drop')]).toEqual([1, 0, 0])
  })

  it('settles a reload that changes nothing at once and sends nobody an event', () => {
    const bench = createSupervisorBench()
    bench.reload({ a: '1' })
    bench.use('a', 1)
    const before = bench.server('a').getSnapshot()
    expect(bench.reload({ a: '1' })).toMatchObject({ unchanged: ['a'] })
    expect(bench.server('a').getSnapshot()).toBe(before)
  })

  it('keeps no trace of a server that was removed', () => {
    const bench = createSupervisorBench()
    for (let n = 0; n < 20; n++) {
      bench.reload({ a: String(n), [`b${n}`]: '1' })
      bench.use('a', n)
    }
    bench.reload({})
    expect(bench.root.getSnapshot().children).toEqual({})
    expect(bench.root.getSnapshot().context).toEqual({ children: {}, reloads: [] })
    expect(bench.clock.pending).toBe(0)
  })

  it.each(['closes', 'loses them all to a reload'])('forgets servers that end together at once when it %s', (how) => {
    const bench = createSupervisorBench()
    const names = Array.from({ length: 100 }, (_, n) => `s${n}`)
    bench.reload(Object.fromEntries(names.map((name) => [name, '1'])))
    const counts = new Set<number>()
    bench.root.subscribe({
      next: ({ children, context }) => {
        counts.add(Object.keys(children).length)
        counts.add(Object.keys(context.children).length)
      },
    })
    if (how === 'closes') bench.root.send({ type: 'close' })
    else bench.reload({})
    expect([...counts].toSorted((a, b) => b - a)).toEqual([100, 0])
  })

  it('spawns a lease beside its server, and ends it alone', () => {
    const bench = createSupervisorBench()
    const ended: number[] = []
    bench.root.on('lease.ended', ({ lease }) => void ended.push(lease))
    bench.reload({ a: '1' })
    for (const lease of [1, 2]) bench.root.send({ type: 'lease', lease, name: 'a', own: { start: 'eager' } })
    expect(Object.keys(bench.root.getSnapshot().children)).toEqual(['server:a', 'lease:1', 'lease:2'])
    expect(bench.state('a')).toBe('idle')

    bench.root.send({ type: 'release', lease: 1 })
    bench.root.send({ type: 'release', lease: 1 })
    expect(ended).toEqual([1])
    expect(Object.keys(bench.root.getSnapshot().children)).toEqual(['server:a', 'lease:2'])
    bench.root.send({ type: 'close' })
    expect(ended).toEqual([1, 2])
    expect(bench.clock.pending).toBe(0)
  })

  it('says of a lease of a server that it has not that it ended', () => {
    const bench = createSupervisorBench()
    const ended: string[] = []
    bench.root.on('lease.ended', ({ name }) => void ended.push(name))
    bench.root.send({ type: 'lease', lease: 1, name: 'nobody', own: {} })
    expect(ended).toEqual(['nobody'])
    expect(bench.root.getSnapshot().children).toEqual({})
  })

  it('gives a lease the entry of its server but for what is its own, and stops it for good with that', () => {
    const bench = createSupervisorBench()
    bench.reload({ a: '1', b: '1' })
    bench.root.send({ type: 'lease', lease: 1, name: 'a', own: { maxQueue: 7 } })
    bench.root.send({ type: 'lease', lease: 2, name: 'b', own: { maxQueue: 7 } })
    bench.reload({ a: '2', b: '1' })
    const entries = Object.values(bench.root.getSnapshot().context.children).map(
      ({ lease, entry }) => [lease, entry.id, entry.policy.maxQueue] as const,
    )
    expect(entries).toEqual([
      [undefined, 'a#2', 1_000],
      [undefined, 'b#1', 1_000],
      [1, 'a#2', 7],
      [2, 'b#1', 7],
    ])
    bench.reload({ b: '1' })
    bench.reload({ a: '3', b: '1' })
    expect(Object.keys(bench.root.getSnapshot().context.children)).toEqual(['server:b', 'lease:2', 'server:a'])
  })

  it('keeps no trace of a lease whose actor broke while it ended', () => {
    let isBroken = false
    const ended: number[] = []
    const bench = createSupervisorBench({
      onAnnounce: (_, state) => {
        if (isBroken && state === 'closing') throw new Error('a bug of ours')
      },
    })
    bench.root.on('lease.ended', ({ lease }) => void ended.push(lease))
    bench.reload({ a: '1' })
    bench.root.send({ type: 'lease', lease: 1, name: 'a', own: { start: 'eager' } })
    isBroken = true
    bench.root.send({ type: 'release', lease: 1 })
    expect(bench.crashed).toEqual(['a'])
    expect(ended).toEqual([1])
    expect(Object.keys(bench.root.getSnapshot().children)).toEqual(['server:a'])
    expect(Object.keys(bench.root.getSnapshot().context.children)).toEqual(['server:a'])
  })

  it('treats any name as a plain key', () => {
    const bench = createSupervisorBench()
    const names = ['__proto__', 'constructor', 'toString', '', 'a b', '../x']
    bench.reload(Object.fromEntries(names.map((name) => [name, '1'])))
    for (const name of names) expect(bench.state(name)).toBe('idle')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('closes all servers and is then final', () => {
    const bench = createSupervisorBench()
    bench.reload({ a: '1', b: '1' })
    bench.use('a', 1)
    bench.root.send({ type: 'close' })
    expect(bench.root.getSnapshot().status).toBe('done')
    expect(bench.open('a')).toBe(0)
    expect(bench.clock.pending).toBe(0)
  })

  it('closes at once when it has no servers', () => {
    const bench = createSupervisorBench()
    bench.root.send({ type: 'close' })
    expect(bench.root.getSnapshot().status).toBe('done')
  })
})
