import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { createCancellation } from '../../src/calls/cancellation.js'
import { createInterruptions } from '../../src/actors/session/interruptions.js'
import { createVisits } from '../../src/actors/session/visits.js'
import { type Handlers, SupervisorError, type UrlElicitation, urlElicitationsOf } from '../../src/index.js'
import { failure } from '../../src/errors.js'
import { supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { createVirtualClock } from '../support/virtual-clock.js'
import { startPages } from './servers/pages.mjs'
import { httpSurface, stdioSurface } from './surfaces.js'

const program = fileURLToPath(new URL('servers/pages.mjs', import.meta.url))

type Visit = NonNullable<Handlers['urlElicitation']>

/** A person who agrees, and goes there in a browser. */
const obedient = (seen: UrlElicitation[] = []): Visit => {
  return async (page) => {
    seen.push(page)
    await fetch(page.url).then((response) => response.text())
    return { action: 'accept' }
  }
}

async function httpPages() {
  const pages = await startPages()
  onTestFinished(() => pages.close())
  return pages
}

const ways = [
  { way: 'over stdio', entry: async () => ({ command: process.execPath, args: [program] }) },
  { way: 'over HTTP', entry: async () => ({ url: (await httpPages()).url }) },
]

/** What a server has to be offered for it to ask at all. */
const offered = { urlElicitation: () => ({ action: 'decline' as const }) }

describe.each(ways)('a call that is refused until a person has visited a page, $way,', ({ entry }) => {
  it('is made once more when the server says that the person is done', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const seen: UrlElicitation[] = []
    const told: unknown[] = []
    supervisor.on('notification.received', ({ method, params }) => told.push({ method, params }))
    const handlers = { urlElicitation: obedient(seen) }
    const result = await supervisor.callTool('server', 'secret', { name: 'Anna' }, { handlers })
    expect(textOf(result)).toBe('secret of Anna after 2 calls')
    expect(seen).toMatchObject([{ mode: 'url', message: 'Anna, log in', elicitationId: expect.any(String) }])
    await until(() => told.length === 1)
    expect(told).toEqual([
      { method: 'notifications/elicitation/complete', params: { elicitationId: seen[0]?.elicitationId } },
    ])
  })

  it('waits for all of its pages', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const seen: UrlElicitation[] = []
    const handlers = { urlElicitation: obedient(seen) }
    const result = await supervisor.callTool('server', 'twice', { name: 'Anna' }, { handlers })
    expect(textOf(result)).toBe('secret of Anna after 2 calls')
    expect(seen.map(({ message }) => message)).toEqual(['Anna-1, log in', 'Anna-2, log in'])
  })

  it('is made again at once when the handler knows that the person is done', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const urlElicitation: Visit = async (page, asked) => ({ ...(await obedient()(page, asked)), isDone: true })
    const call = supervisor.callTool('server', 'silent', { name: 'Anna' }, { handlers: { urlElicitation } })
    expect(textOf(await call)).toBe('secret of Anna after 2 calls')
  })

  it('fails with the pages when nobody is there, and when nobody agrees', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const without = { handlers: { urlElicitation: undefined } }
    for (const options of [without, {}]) {
      const error = await errorOf(supervisor.callTool('server', 'secret', { name: 'Anna' }, options))
      expect(error).toMatchObject({ code: 'MCP_ERROR', delivered: 'yes', mcp: { code: -32042 } })
      expect(urlElicitationsOf(error)).toMatchObject([
        { message: 'Anna, log in', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/Anna-/) },
      ])
    }
  })

  it('is made no third time', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: { urlElicitation: obedient() } })
    const error = await errorOf(supervisor.callTool('server', 'stubborn', { name: 'Anna' }))
    expect(urlElicitationsOf(error)).toHaveLength(1)
    expect(textOf(await supervisor.callTool('server', 'secret', { name: 'Anna' }))).toBe('secret of Anna after 3 calls')
  })

  it('does not wait for a caller who gave up', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const giveUp = new AbortController()
    const asked: AbortSignal[] = []
    const thinks: Visit = (_, { signal }) => {
      asked.push(signal)
      giveUp.abort()
      return new Promise(() => {})
    }
    const options = { handlers: { urlElicitation: thinks }, signal: giveUp.signal }
    expect(await errorOf(supervisor.callTool('server', 'secret', { name: 'Bert' }, options))).toMatchObject({
      code: 'CALL_ABORTED',
    })
    await until(() => asked[0]?.aborted === true)
  })

  it('is asked of its own caller, whoever else calls at the same time', async () => {
    const supervisor = supervise({ server: await entry() }, { handlers: offered })
    const call = async (name: string) => {
      const seen: UrlElicitation[] = []
      const result = await supervisor.callTool(
        'server',
        'secret',
        { name },
        { handlers: { urlElicitation: obedient(seen) } },
      )
      return [textOf(result).split(' after')[0], ...seen.map(({ message }) => message)]
    }
    expect(await Promise.all(['Anna', 'Bert'].map(call))).toEqual([
      ['secret of Anna', 'Anna, log in'],
      ['secret of Bert', 'Bert, log in'],
    ])
  })
})

it('a page that is never finished is waited for as long as the call may last, and no longer', async () => {
  const { url } = await httpPages()
  const server = { url, supervisor: { callTimeoutMs: 1_000, maxCallTimeoutMs: 2_000 } }
  const supervisor = supervise({ server }, { handlers: { urlElicitation: () => ({ action: 'accept' }) } })
  const error = await errorOf(supervisor.callTool('server', 'secret', { name: 'Anna' }))
  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe', message: expect.stringContaining('2000 ms') })
})

describe('a session that is lost while a person is at a page', () => {
  it('fails the call at once, and the next session is opened beside the person', async () => {
    const pages = await httpPages()
    const supervisor = supervise({ server: { url: pages.url } }, { handlers: offered })
    const asked: AbortSignal[] = []
    const thinks: Visit = (_, { signal }) => {
      asked.push(signal)
      return new Promise(() => {})
    }
    const away = errorOf(
      supervisor.callTool('server', 'secret', { name: 'Anna' }, { handlers: { urlElicitation: thinks } }),
    )
    await until(() => asked.length === 1)
    pages.forgetSessions()
    await errorOf(supervisor.callTool('server', 'secret', { name: 'Bert' }))
    expect(await away).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(asked[0]?.aborted).toBe(true)
    expect(supervisor.status('server')).toMatchObject({ connected: true, generation: 2 })
  })
})

describe.each([
  { way: 'stdio', entry: async () => stdioSurface('modern').entry },
  { way: 'HTTP', entry: async () => ({ url: (await httpSurface({ legacy: false })).url }) },
])('a modern server over $way', ({ entry }) => {
  it('sends a person to a page by a question among others, and is told what the person said', async () => {
    const seen: UrlElicitation[] = []
    const urlElicitation: Visit = (page) => {
      seen.push(page)
      return { action: 'accept', isDone: true }
    }
    const supervisor = supervise({ server: await entry() }, { handlers: { urlElicitation } })
    expect(textOf(await supervisor.callTool('server', 'visit', { url: 'https://example.com/a' }))).toBe('accept')
    expect(seen).toMatchObject([{ mode: 'url', message: 'Log in', url: 'https://example.com/a' }])
  })
})

/** The pages of a session whose server refuses each call once, with this page. */
function pagesBench() {
  const page = { mode: 'url', elicitationId: 'e', url: 'https://example.com', message: 'Log in' }
  const refusal = failure('MCP_ERROR', '', { mcp: { code: -32042, data: { elicitations: [page] } } })
  const refused = new Set<unknown>()
  const paused: string[] = []
  const clock = createVirtualClock()
  const requests = {
    async request(_: string, params: Record<string, unknown>) {
      if (refused.has(params['name'])) return { content: [] }
      refused.add(params['name'])
      throw new SupervisorError(refusal)
    },
  }
  const caller = {
    handlers: { urlElicitation: () => ({ action: 'accept' as const }) },
    owner: undefined,
    answer: async () => ({ result: { action: 'accept' } }),
    hear: () => undefined,
    pause() {
      paused.push('from')
      return () => void paused.push('to')
    },
  }
  const pages = createVisits({ clock, requests, interruptions: createInterruptions('server') })
  const call = (name: string) => pages.request('tools/call', { name }, { cancellation: createCancellation(), caller })
  return { pages, clock, call, paused }
}

it('a server that never says that a person is done is asked whether or not', async () => {
  const { call, clock, paused } = pagesBench()
  const answer = call('a')
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  clock.advance(300_000)
  expect(await answer).toEqual({ content: [] })
  expect(paused).toEqual(['from', 'to'])
  expect(clock.pending).toBe(0)
})

it('all calls that were sent to one page are made again when it is done', async () => {
  const { pages, call, clock } = pagesBench()
  const answers = Promise.all([call('a'), call('b')])
  await vi.waitFor(() => expect(clock.pending).toBe(2))
  pages.completed('e')
  expect(await answers).toEqual([{ content: [] }, { content: [] }])
  expect(clock.pending).toBe(0)
})
