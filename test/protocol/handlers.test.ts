import { describe, expect, it, onTestFinished } from 'vitest'

import type { Asked, Handlers } from '../../src/index.js'
import { supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { startHttpV1 } from './servers/http-v1.mjs'
import { httpSurface, stdioSurface } from './surfaces.js'

const ways = [
  { way: 'legacy over stdio', entry: async () => stdioSurface('both').entry, isLegacy: true },
  { way: 'modern over stdio', entry: async () => stdioSurface('modern').entry, isLegacy: false },
  {
    way: 'modern over HTTP',
    entry: async () => ({ url: (await httpSurface({ legacy: false })).url }),
    isLegacy: false,
  },
]

type Elicitation = NonNullable<Handlers['elicitation']>

const paint =
  (colour: string): Elicitation =>
  () => ({ action: 'accept', content: { colour } })

describe.each(ways)('a server that asks, $way,', ({ entry, isLegacy }) => {
  it('is answered by the handlers of the supervisor, which are told who asks', async () => {
    const asked: Asked[] = []
    const handlers: Handlers = {
      elicitation: (_, by) => {
        asked.push(by)
        return { action: 'accept', content: { colour: 'red' } }
      },
      sampling: ({ messages }) => ({
        role: 'assistant',
        model: 'm',
        content: { type: 'text', text: `${messages.length} thought` },
      }),
      roots: () => [{ uri: 'file:///project' }],
    }
    const supervisor = supervise({ server: await entry() }, { handlers })
    expect(textOf(await supervisor.callTool('server', 'colour', { name: 'Anna' }))).toBe('Anna: red')
    expect(textOf(await supervisor.callTool('server', 'think', { about: 'that' }))).toBe('1 thought')
    expect(textOf(await supervisor.callTool('server', 'roots'))).toBe('file:///project')
    expect(asked).toMatchObject([{ server: 'server', call: { method: 'tools/call', tool: 'colour' } }])
  })

  it('is answered by the handlers of the call before those of the supervisor', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: { elicitation: paint('red') } })
    const call = (handlers?: Handlers) =>
      supervisor.callTool('server', 'colour', { name: 'Anna' }, handlers ? { handlers } : {})
    expect(textOf(await call({ elicitation: paint('blue') }))).toBe('Anna: blue')
    expect(textOf(await call())).toBe('Anna: red')
  })

  it('is told when a person declines', async () => {
    const supervisor = supervise(
      { server: await entry() },
      { handlers: { elicitation: () => ({ action: 'decline' }) } },
    )
    expect(textOf(await supervisor.callTool('server', 'colour', { name: 'Anna' }))).toBe('Anna: decline')
  })

  it('is not offered what has no handler', async () => {
    const supervisor = supervise({ server: await entry() })
    const outcome = await supervisor.callTool('server', 'colour', { name: 'Anna' }).catch((error: unknown) => error)
    // One line of the SDK says so in a result, the other in an error.
    expect(outcome).toSatisfy((it) => it instanceof Error || (it as { isError?: boolean }).isError === true)
  })

  it('may wait for the answer longer than for anything else', async () => {
    const elicitation = async () => {
      await new Promise((resolve) => setTimeout(resolve, 400))
      return { action: 'accept' as const, content: { colour: 'slow' } }
    }
    const supervisor = supervise({ server: await entry() }, { handlers: { elicitation } })
    await supervisor.connect('server')
    const result = await supervisor.callTool('server', 'colour', { name: 'Anna' }, { timeoutMs: 300 })
    expect(textOf(result)).toBe('Anna: slow')
  })

  it('is not waited for by a handler whose call was given up', async () => {
    const giveUp = new AbortController()
    let signal: AbortSignal | undefined
    const elicitation: Elicitation = (_, asked) => {
      signal = asked.signal
      giveUp.abort()
      return new Promise(() => {})
    }
    const supervisor = supervise({ server: await entry() }, { handlers: { elicitation } })
    const call = supervisor.callTool('server', 'colour', { name: 'Anna' }, { signal: giveUp.signal })
    expect(await errorOf(call)).toMatchObject({ code: 'CALL_ABORTED' })
    await until(() => signal?.aborted === true)
  })

  it('is declined by a handler that throws', async () => {
    const handlers = { elicitation: () => Promise.reject(new Error('nobody is there')) }
    const supervisor = supervise({ server: await entry() }, { handlers })
    const outcome = supervisor.callTool('server', 'colour', { name: 'Anna' })
    if (isLegacy) expect(await outcome).toMatchObject({ isError: true })
    else
      expect(await errorOf(outcome)).toMatchObject({
        code: 'CALL_ABORTED',
        cause: { cause: { message: 'nobody is there' } },
      })
  })
})

describe('a server that is lost while a person thinks', () => {
  it.each(['both', 'modern'] as const)('fails the call at once and starts again (%s)', async (era) => {
    const signals: AbortSignal[] = []
    const elicitation: Elicitation = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const supervisor = supervise({ server: stdioSurface(era).entry }, { handlers: { elicitation } })
    const call = errorOf(supervisor.callTool('server', 'colour', { name: 'Anna' }))
    await until(() => signals.length === 1)
    const { pid } = supervisor.status('server')
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    expect(await call).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(await supervisor.callTool('server', 'add', { a: 1, b: 2 })).toMatchObject({ content: [{ text: '3' }] })
    expect(signals[0]?.aborted).toBe(true)
    expect(supervisor.status('server').generation).toBe(2)
  })
})

/** Two calls at the same time, each with a handler of its own that answers only when both were asked. */
async function interleaved(entry: object) {
  const supervisor = supervise({ server: entry }, { handlers: { elicitation: paint('nobody’s') } })
  await supervisor.connect('server')
  const questions: string[] = []
  const call = (name: string) => {
    const elicitation: Elicitation = async ({ message }) => {
      questions.push(`${name} <- ${message}`)
      await until(() => questions.length === 2)
      return { action: 'accept', content: { colour: `of ${name}` } }
    }
    return supervisor.callTool('server', 'colour', { name }, { handlers: { elicitation } })
  }
  const results = await Promise.all(['Anna', 'Bert'].map(call))
  return { questions, texts: results.map(textOf), results }
}

describe('two callers of one server', () => {
  const own = {
    questions: expect.arrayContaining(['Anna <- Anna, which colour?', 'Bert <- Bert, which colour?']),
    texts: ['Anna: of Anna', 'Bert: of Bert'],
  }

  it('are each asked their own question by a modern server over stdio', async () => {
    expect(await interleaved(stdioSurface('modern').entry)).toMatchObject(own)
  })

  it('are each asked their own question by a modern server over HTTP', async () => {
    const { url } = await httpSurface({ legacy: false })
    expect(await interleaved({ url })).toMatchObject(own)
  })

  it('are each asked their own question by a server over HTTP that asks on the stream of the answer', async () => {
    const server = await startHttpV1()
    onTestFinished(() => server.close())
    expect(await interleaved({ url: server.url })).toMatchObject(own)
  })

  it('are neither asked by a server that does not say for whom it asks', async () => {
    const { questions, results } = await interleaved(stdioSurface('both').entry)
    expect(questions).toEqual([])
    expect(results).toMatchObject([{ isError: true }, { isError: true }])
    expect(results.map(textOf).join()).toContain('cannot be told')
  })
})

describe('an accepted form', () => {
  it('has the defaults of the fields that were left out', async () => {
    const server = await startHttpV1()
    onTestFinished(() => server.close())
    const handlers: Handlers = { elicitation: () => ({ action: 'accept' }) }
    const supervisor = supervise({ server: { url: server.url } }, { handlers })
    expect(textOf(await supervisor.callTool('server', 'colour', { name: 'Anna' }))).toBe('Anna: grey')
  })
})
