import { describe, expect, it, vi } from 'vitest'

import type { Caller } from '../../../src/actors/session/caller.js'
import { type InputRounds, throughRounds } from '../../../src/actors/session/input-rounds.js'
import type { Reply } from '../../../src/actors/session/inquiry.js'
import { createInterruptions } from '../../../src/actors/session/interruptions.js'
import { createCancellation } from '../../../src/calls/cancellation.js'
import { systemClock } from '../../../src/clock.js'

const question = { method: 'elicitation/create', params: { message: 'which?' } }
const asking = { resultType: 'input_required', inputRequests: { one: question }, requestState: 'opaque' }
const done = { content: [] }

/** A request through the rounds, to a server that gives these answers and to a host that replies so. */
function roundsBench(
  answers: Record<string, unknown>[],
  reply: () => Promise<Reply> = async () => ({ result: { is: 1 } }),
) {
  const sent: Record<string, unknown>[] = []
  const interruptions = createInterruptions('s')
  const cancellation = createCancellation()
  const answer = vi.fn<Caller['answer']>(reply)
  const rounds: InputRounds = {
    server: 's',
    clock: systemClock,
    method: 'tools/call',
    params: { name: 'tool' },
    options: {
      cancellation,
      caller: { handlers: {}, owner: undefined, hear: () => {}, pause: () => () => {}, answer },
    },
    interruptions,
    async send(params) {
      sent.push(params)
      return answers[sent.length - 1] ?? asking
    },
  }
  return { rounds, sent, interruptions, cancellation, answer }
}

describe('a request that is answered with questions', () => {
  it('is sent again with the answers, and with the state as it came', async () => {
    const { rounds, sent, answer } = roundsBench([asking, done])
    await expect(throughRounds(rounds)).resolves.toBe(done)
    expect(sent).toEqual([
      { name: 'tool' },
      { name: 'tool', inputResponses: { one: { is: 1 } }, requestState: 'opaque' },
    ])
    expect(answer).toHaveBeenCalledWith({ ...question, key: 'one' }, expect.any(AbortSignal))
  })

  it('brings the state of the last round alone', async () => {
    const { rounds, sent } = roundsBench([asking, { resultType: 'input_required', inputRequests: {} }, done])
    await throughRounds(rounds)
    expect(sent[2]).toEqual({ name: 'tool', inputResponses: {} })
  })

  it('is sent again after a while when there is nothing to answer', async () => {
    const { rounds, sent } = roundsBench([{ resultType: 'input_required', requestState: 'wait' }, done])
    await throughRounds(rounds)
    expect(sent).toEqual([{ name: 'tool' }, { name: 'tool', requestState: 'wait' }])
  })

  it('ends after ten rounds', async () => {
    const { rounds, sent } = roundsBench([])
    await expect(throughRounds(rounds)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(sent).toHaveLength(11)
  })

  it.each([
    ['asks for nothing', { resultType: 'input_required' }],
    ['asks with a list', { resultType: 'input_required', inputRequests: [] }],
    ['asks without a method', { resultType: 'input_required', inputRequests: { one: {} } }],
    ['asks with nothing at all', { resultType: 'input_required', inputRequests: { one: null } }],
    ['is of a type nobody knows', { resultType: 'elsewhere' }],
  ])('fails when the answer %s', async (_, answer) => {
    const { rounds } = roundsBench([answer])
    await expect(throughRounds(rounds)).rejects.toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'yes' })
  })

  it('fails when it is one that may not ask', async () => {
    const { rounds } = roundsBench([asking])
    const listing = throughRounds({ ...rounds, method: 'tools/list' })
    await expect(listing).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  it('fails when it is asked for what was not offered', async () => {
    const { rounds } = roundsBench([asking], async () => ({ error: { code: -32601, message: 'no' } }))
    await expect(throughRounds(rounds)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  it('is over when its caller gives up, and the host is told', async () => {
    const { rounds, cancellation, answer } = roundsBench([asking], () => new Promise(() => {}))
    const request = throughRounds(rounds)
    await vi.waitFor(() => expect(answer).toHaveBeenCalled())
    cancellation.cancel('no longer')
    await expect(request).rejects.toMatchObject({ code: 'CALL_ABORTED' })
    expect(answer.mock.calls[0]?.[1].aborted).toBe(true)
  })

  it('is over when the connection is, and the host is told', async () => {
    const { rounds, interruptions, answer } = roundsBench([asking], () => new Promise(() => {}))
    const request = throughRounds(rounds)
    await vi.waitFor(() => expect(answer).toHaveBeenCalled())
    interruptions.end()
    await expect(request).rejects.toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(answer.mock.calls[0]?.[1].aborted).toBe(true)
  })
})
