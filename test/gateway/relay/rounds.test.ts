import { describe, expect, it } from 'vitest'

import type { Ask } from '../../../src/gateway/relay/relayed-handlers.js'
import { type Round, createRounds } from '../../../src/gateway/relay/rounds.js'

const client = {}
const asides = { notification: () => {} }
const roundOf = (more: Partial<Round> = {}): Round => ({
  client,
  request: 'r',
  state: undefined,
  responses: {},
  asides,
  signal: new AbortController().signal,
  ...more,
})
const never = () => new AbortController().signal

/** Work that asks these questions at once and answers with what it was told. */
const asking =
  (...keys: readonly (string | undefined)[]) =>
  async (ask: Ask) => ({
    told: await Promise.all(
      keys.map((key) =>
        ask('roots/list', {}, { server: 's', signal: never(), progress: () => {}, ...(key !== undefined && { key }) }),
      ),
    ),
  })

interface Asks {
  readonly requestState: string
  readonly inputRequests: Record<string, unknown>
}

describe('a request that is answered in rounds', () => {
  it('is given up when its client is gone, and those of others are not', async () => {
    const rounds = createRounds(60_000)
    const gone: string[] = []
    const work = (name: string) => async (ask: Ask, _: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => gone.push(name))
      return { told: await ask('roots/list', {}, { server: 's', signal, progress: () => {} }) }
    }
    await rounds.carry(roundOf(), work('leaving'))
    const staying = (await rounds.carry(roundOf({ client: { is: 'another' } }), work('staying'))) as unknown as Asks
    expect(rounds.parked()).toHaveLength(2)
    rounds.drop(client)
    expect(gone).toEqual(['leaving'])
    expect(rounds.parked()).toHaveLength(1)
    expect(staying.requestState).toEqual(expect.any(String))
    rounds.close()
    expect(gone).toEqual(['leaving', 'staying'])
    expect(rounds.parked()).toEqual([])
  })

  it('asks all that is asked at once, under the names that the server gave, and then goes on', async () => {
    const rounds = createRounds(60_000)
    const first = (await rounds.carry(roundOf(), asking('one', 'two', undefined))) as unknown as Asks
    expect(Object.keys(first.inputRequests)).toEqual(['one', 'two', 'question'])
    const responses = { one: { is: 1 }, two: { is: 2 }, question: { is: 3 }, more: { is: 4 } }
    const second = await rounds.carry(roundOf({ state: first.requestState, responses }), asking())
    expect(second).toEqual({ told: [{ is: 1 }, { is: 2 }, { is: 3 }] })
  })

  it('asks again for what was not answered', async () => {
    const rounds = createRounds(60_000)
    const first = (await rounds.carry(roundOf(), asking('one', 'two'))) as unknown as Asks
    const again = (await rounds.carry(
      roundOf({ state: first.requestState, responses: { one: {} } }),
      asking(),
    )) as unknown as Asks
    expect(Object.keys(again.inputRequests)).toEqual(['two'])
    expect(again.requestState).not.toBe(first.requestState)
  })

  it('does not ask for what came along', async () => {
    const answer = await createRounds(60_000).carry(roundOf({ responses: { one: { is: 1 } } }), asking('one'))
    expect(answer).toEqual({ told: [{ is: 1 }] })
  })

  it.each([
    ['another client', { client: {} }],
    ['another request', { request: 'other' }],
    ['a state that was made up', { state: 'made-up' }],
  ])('is given to nobody with %s', async (_, more) => {
    const rounds = createRounds(60_000)
    const { requestState: state } = (await rounds.carry(roundOf(), asking('one'))) as unknown as Asks
    await expect(rounds.carry(roundOf({ state, ...more }), asking())).rejects.toMatchObject({ code: -32602 })
  })

  it('takes each state once', async () => {
    const rounds = createRounds(60_000)
    const { requestState: state } = (await rounds.carry(roundOf(), asking('one'))) as unknown as Asks
    await rounds.carry(roundOf({ state, responses: { one: {} } }), asking())
    await expect(rounds.carry(roundOf({ state, responses: { one: {} } }), asking())).rejects.toMatchObject({
      code: -32602,
    })
  })

  it('is given up when its client does not come back in time, and not while it does', async () => {
    const rounds = createRounds(50)
    const gone: string[] = []
    const work = (name: string) => async (ask: Ask, _: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => gone.push(name))
      await ask('roots/list', {}, { server: 's', signal, progress: () => {} })
      // Longer than a client may stay away.
      await new Promise((resolve) => setTimeout(resolve, 200))
      return { told: [] }
    }
    const away = (await rounds.carry(roundOf(), work('away'))) as unknown as Asks
    const back = (await rounds.carry(roundOf(), work('back'))) as unknown as Asks
    const answers = { state: back.requestState, responses: { question: {} } }
    expect(await rounds.carry(roundOf(answers), work('back'))).toEqual({ told: [] })
    expect(gone).toEqual(['away'])
    const late = rounds.carry(roundOf({ state: away.requestState }), asking())
    await expect(late).rejects.toMatchObject({ code: -32602 })
  })

  it('is given up when its client leaves, when nobody comes back in time, and when the gateway closes', async () => {
    const rounds = createRounds(60_000)
    const leaving = new AbortController()
    const untilAborted = (_: unknown, __: unknown, signal: AbortSignal) =>
      new Promise<object>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    const left = rounds.carry(roundOf({ signal: leaving.signal }), untilAborted)
    leaving.abort()
    await expect(left).rejects.toThrow('given up')

    let expire = (): void => {}
    const expiring = (await rounds.carry(roundOf(), async (ask) => {
      void ask('roots/list', {}, { server: 's', signal: never(), progress: () => {} })
      await new Promise<void>((resolve) => (expire = resolve))
      throw new Error('too late')
    })) as unknown as Asks
    expire()
    await new Promise((resolve) => setImmediate(resolve))
    const late = rounds.carry(roundOf({ state: expiring.requestState }), asking())
    await expect(late).rejects.toMatchObject({ code: -32602 })

    let isAborted = false
    await rounds.carry(roundOf(), async (ask, _, signal) => {
      signal.addEventListener('abort', () => (isAborted = true))
      return { told: await ask('roots/list', {}, { server: 's', signal: never(), progress: () => {} }) }
    })
    rounds.close()
    expect(isAborted).toBe(true)
  })
})
