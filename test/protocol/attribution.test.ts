import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { Handlers, Notification, Supervisor } from '../../src/index.js'
import { httpServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { startHttpV1 } from './servers/http-v1.mjs'
import { httpSurface, stdioSurface } from './surfaces.js'

const callers = ['Anna', 'Bert', 'Cora', 'Dora', 'Emil', 'Fred']

/** What one caller has seen of the world: every line must name him and nobody else. */
interface Seen {
  readonly questions: string[]
  readonly progress: string[]
  readonly answers: string[]
}

/** One call at a time of every kind, each asked and answered in the middle of those of the others. */
async function live(supervisor: Supervisor, name: string, barrier: () => Promise<void>): Promise<Seen> {
  const seen: Seen = { questions: [], progress: [], answers: [] }
  const handlers: Handlers = {
    async elicitation({ message }) {
      seen.questions.push(message)
      await barrier()
      return { action: 'accept', content: { colour: `of ${name}` } }
    },
    async sampling({ messages }) {
      seen.questions.push(...messages.map(({ content }) => ('text' in content ? String(content.text) : '')))
      await barrier()
      return { role: 'assistant', model: 'm', content: { type: 'text', text: `thought of ${name}` } }
    },
  }
  const onProgress = ({ message = '' }: { readonly message?: string | undefined }) => seen.progress.push(message)
  const calls = [
    supervisor.callTool('server', 'colour', { name }, { handlers }),
    supervisor.callTool('server', 'think', { about: name }, { handlers }),
    supervisor.callTool('server', 'steps', { name }, { handlers, onProgress }),
  ]
  seen.answers.push(...(await Promise.all(calls)).map(textOf))
  return seen
}

/** Lets nobody pass before so many have come: then all that is asked is open at the same time. */
function createBarrier(count: number): () => Promise<void> {
  let come = 0
  return async () => {
    come += 1
    await until(() => come >= count)
  }
}

/** Declines in the name of whoever asks for nobody. */
const nobody: Handlers = {
  elicitation: () => ({ action: 'accept', content: { colour: 'of nobody' } }),
  sampling: () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: 'thought of nobody' } }),
}

describe.each([
  { way: 'modern, over stdio', entry: async () => stdioSurface('modern').entry },
  { way: 'modern, over HTTP', entry: async () => ({ url: (await httpSurface({ legacy: false })).url }) },
  {
    way: 'legacy, over HTTP',
    async entry() {
      const server = await startHttpV1()
      onTestFinished(() => server.close())
      return { url: server.url }
    },
  },
])('the callers of one server ($way)', ({ entry }) => {
  it('each see their own questions, progress and answers, and nothing else', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: nobody })
    await supervisor.connect('server')
    const barrier = createBarrier(2 * callers.length)
    const seen = await Promise.all(callers.map((name) => live(supervisor, name, barrier)))
    expect(seen).toEqual(
      callers.map((name) => ({
        questions: expect.toSatisfy(
          (questions: string[]) => questions.toSorted().join() === [name, `${name}, which colour?`].join(),
        ),
        progress: [name, name, name],
        answers: [`${name}: of ${name}`, `thought of ${name}`, name],
      })),
    )
  })
})

describe('the callers of one legacy server over stdio, which does not say for whom it asks,', () => {
  it('are asked nothing that may be another’s, and each see their own progress and answers', async () => {
    const supervisor = supervise({ server: stdioSurface('both').entry }, { handlers: nobody })
    await supervisor.connect('server')
    const seen = await Promise.all(callers.map((name) => live(supervisor, name, async () => undefined)))
    for (const [index, name] of callers.entries()) {
      expect(seen[index]).toMatchObject({ questions: [], progress: [name, name, name] })
      expect(seen[index]?.answers.at(-1)).toBe(name)
      expect(seen[index]?.answers.join()).not.toContain('nobody')
    }
  })

  it('are each asked what is theirs when they call one after the other', async () => {
    const supervisor = supervise({ server: stdioSurface('both').entry }, { handlers: nobody })
    for (const name of callers.slice(0, 2)) {
      const handlers: Handlers = {
        sampling: () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: `thought of ${name}` } }),
      }
      expect(textOf(await supervisor.callTool('server', 'think', { about: name }, { handlers }))).toBe(
        `thought of ${name}`,
      )
    }
  })
})

/** Anna gives her call up, and her server asks for it all the same, while Bert's is under way: what she is told, and he. */
async function hosted(supervisor: Supervisor, owners: { readonly anna?: object; readonly bert?: object } = {}) {
  const seen: string[] = []
  const giveUp = new AbortController()
  const anna = { signal: giveUp.signal, ...(owners.anna && { owner: owners.anna }) }
  const given = errorOf(supervisor.callTool('server', 'haunt', { name: 'Anna' }, anna))
  // By its answer the call before it has arrived.
  await supervisor.callTool('server', 'steps', { name: 'Bert' })
  giveUp.abort()
  expect(await given).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
  const handlers: Handlers = {
    elicitation({ message }) {
      seen.push(message)
      return { action: 'decline' }
    },
  }
  const onNotification = ({ params }: Notification) => seen.push(String(params['data']))
  const bert = { handlers, onNotification, ...(owners.bert && { owner: owners.bert }) }
  const answer = textOf(await supervisor.callTool('server', 'host', { name: 'Bert' }, bert))
  return { answer, seen }
}

const legacyStdio = {
  command: process.execPath,
  args: [fileURLToPath(new URL('servers/stdio-v1.mjs', import.meta.url))],
}

describe('a call that was given up, and that its legacy server goes on with,', () => {
  it.each([
    { way: 'stdio', entry: async () => legacyStdio },
    {
      way: 'HTTP',
      async entry() {
        const server = await startHttpV1()
        onTestFinished(() => server.close())
        return { url: server.url }
      },
    },
  ])('does not lend its questions and messages to the only one in flight: over $way', async ({ entry }) => {
    const supervisor = supervise({ server: await entry() }, { handlers: nobody })
    const origins: string[] = []
    supervisor.on('notification.received', ({ origin }) => origins.push(origin))
    expect(await hosted(supervisor)).toEqual({ answer: 'Anna was refused', seen: [] })
    expect(origins).not.toContain('server')
    expect(origins).not.toContain('call')
  })

  it('may be taken for another of its owner, and for no other', async () => {
    const [owner, other] = [{}, {}]
    const asked = { answer: 'Anna was told decline', seen: ['of Anna', 'Anna?'] }
    const same = supervise({ server: legacyStdio }, { handlers: nobody })
    expect(await hosted(same, { anna: owner, bert: owner })).toEqual(asked)
    const others = supervise({ server: legacyStdio }, { handlers: nobody })
    expect(await hosted(others, { anna: owner, bert: other })).toMatchObject({ answer: 'Anna was refused', seen: [] })
  })
})

it('the calls of a lease are of one user, who may be asked for any of them', async () => {
  const supervisor = supervise({ server: legacyStdio }, { handlers: nobody })
  const lease = supervisor.lease('server')
  const handlers: Handlers = { elicitation: () => ({ action: 'accept', content: { colour: 'red' } }) }
  const calls = ['Anna', 'Bert'].map((name) => lease.callTool('colour', { name }, { handlers }))
  expect((await Promise.all(calls)).map(textOf)).toEqual(['Anna: red', 'Bert: red'])
})

it('what comes on the stream of an answer after it belongs to no other call, and is not of the server', async () => {
  const says = [
    { method: 'notifications/message', params: { level: 'info', data: 'of Anna' } },
    { id: 'late', method: 'elicitation/create', params: { message: 'Anna?', requestedSchema: { properties: {} } } },
  ]
  const server = await httpServer({ echo: { do: 'left-open', says } })
  const asked: string[] = []
  const elicitation: Handlers['elicitation'] = ({ message }) => {
    asked.push(message)
    return { action: 'decline' }
  }
  const supervisor = supervise({ server }, { handlers: { elicitation } })
  const origins: string[] = []
  supervisor.on('notification.received', ({ origin }) => origins.push(origin))
  await supervisor.callTool('server', 'echo', { text: 'hi' })
  await until(() => server.fixture.requests('POST').some(({ message }) => message?.id === 'late'))
  expect({ asked, origins }).toEqual({ asked: [], origins: ['unclear'] })
})
