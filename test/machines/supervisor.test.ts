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
