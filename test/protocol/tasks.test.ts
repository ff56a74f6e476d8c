import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import type { Notification, Progress, Supervisor } from '../../src/index.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { programOf, startEverything } from '../support/real-servers.js'
import { errorOf } from '../support/rejection.js'

const program = fileURLToPath(new URL('servers/tasks.mjs', import.meta.url))
const entry = { command: process.execPath, args: [program] }
const offered = { handlers: { elicitation: () => ({ action: 'decline' as const }) } }

/** What the server has noted. */
async function journal(supervisor: Supervisor) {
  return JSON.parse(textOf(await supervisor.callTool('server', 'journal', {}))) as {
    readonly cancelled: readonly string[]
    readonly polls: Readonly<Record<string, number>>
  }
}

/** Resolves when the server has noted that. */
function noted(supervisor: Supervisor, expected: object) {
  return vi.waitFor(async () => expect(await journal(supervisor)).toMatchObject(expected), { timeout: 20_000 })
}

/** Resolves when the server was asked so often how its tasks of that name are. */
function polled(supervisor: Supervisor, tool: string, times: number) {
  const isPolled = async () => expect((await journal(supervisor)).polls[tool] ?? 0).toBeGreaterThanOrEqual(times)
  return vi.waitFor(isPolled, { timeout: 20_000 })
}

describe('a tool that can only be called as a task', () => {
  it('is called like any other, and asked how it is until it is over', async () => {
    const supervisor = supervise({ server: entry })
    const heard: Notification[] = []
    const call = supervisor.callTool('server', 'slow', { name: 'Anna' }, { onNotification: (each) => heard.push(each) })
    expect(textOf(await call)).toBe('slow Anna')
    expect((await journal(supervisor)).polls).toEqual({ slow: 3 })
    expect(heard).toMatchObject([
      { method: 'notifications/tasks/status', params: { status: 'working' } },
      { method: 'notifications/tasks/status', params: { status: 'completed', statusMessage: 'step 3' } },
    ])
  })

  it('is asked at once when the server tells that something has changed', async () => {
    const supervisor = supervise({ server: entry })
    expect(textOf(await supervisor.callTool('server', 'told', { name: 'Anna' }))).toBe('told Anna')
    expect((await journal(supervisor)).polls).toEqual({ told: 1 })
  })

  it.each(['eager', 'overtaken'])('is not slept on when it ends with the answer before: %s', async (tool) => {
    const supervisor = supervise({ server: entry })
    const states: unknown[] = []
    const onNotification = ({ params }: Notification) => states.push(params['status'])
    expect(textOf(await supervisor.callTool('server', tool, { name: 'Anna' }, { onNotification }))).toBe(`${tool} Anna`)
    expect(states).toEqual(['working', 'completed'])
  })

  it('may have answered at once', async () => {
    const supervisor = supervise({ server: entry })
    expect(textOf(await supervisor.callTool('server', 'at-once', {}))).toBe('at once')
  })

  it('tells its progress after the request that began it was answered', async () => {
    const supervisor = supervise({ server: entry })
    const told: Progress[] = []
    const call = supervisor.callTool('server', 'progress', { name: 'Anna' }, { onProgress: (each) => told.push(each) })
    expect(textOf(await call)).toBe('progress Anna')
    expect(told.map(({ progress, message }) => [progress, message])).toEqual([
      [1, 'Anna'],
      [2, 'Anna'],
      [3, 'Anna'],
    ])
  })

  it('may be silent for longer than a call, as long as the server says that it works', async () => {
    const supervisor = supervise({ server: entry })
    const giveUp = new AbortController()
    const call = errorOf(supervisor.callTool('server', 'never', {}, { timeoutMs: 2_000, signal: giveUp.signal }))
    const startedAt = performance.now()
    while (performance.now() - startedAt < 2_500) await polled(supervisor, 'never', 1)
    giveUp.abort()
    expect(await call).toMatchObject({ code: 'CALL_ABORTED' })
  })

  it('is called plainly where that is possible', async () => {
    const supervisor = supervise({ server: entry })
    expect(textOf(await supervisor.callTool('server', 'optional', {}))).toBe('plainly')
  })
})

describe('a task that nobody wants any more', () => {
  it('is cancelled when the caller gives up, and when the call is too late', async () => {
    const supervisor = supervise({
      server: { ...entry, supervisor: { callTimeoutMs: 1_000, maxCallTimeoutMs: 1_000 } },
    })
    const giveUp = new AbortController()
    const call = supervisor.callTool('server', 'never', {}, { signal: giveUp.signal })
    await polled(supervisor, 'never', 1)
    giveUp.abort()
    expect(await errorOf(call)).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    await noted(supervisor, { cancelled: ['never'] })
    const late = supervisor.callTool('server', 'never', {})
    expect(await errorOf(late)).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
    await noted(supervisor, { cancelled: ['never', 'never'] })
  })

  it('is not asked after any more when it is given up between two questions', async () => {
    const supervisor = supervise({ server: entry })
    const giveUp = new AbortController()
    const onNotification = () => setImmediate(() => giveUp.abort())
    const call = supervisor.callTool(
      'server',
      'never',
      { pollInterval: 3_600_000 },
      { signal: giveUp.signal, onNotification },
    )
    expect(await errorOf(call)).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    await noted(supervisor, { cancelled: ['never'] })
    expect((await journal(supervisor)).polls).toEqual({})
  })

  it('is cancelled although it was given up before the server had named it', async () => {
    const supervisor = supervise({ server: entry })
    await supervisor.connect('server')
    const giveUp = new AbortController()
    const call = supervisor.callTool('server', 'late', {}, { signal: giveUp.signal })
    await journal(supervisor)
    giveUp.abort()
    expect(await errorOf(call)).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    await noted(supervisor, { cancelled: ['late'] })
  })
})

describe('a task that comes to nothing', () => {
  it.each([
    ['lost', { code: 'MCP_ERROR', delivered: 'yes', mcp: { code: -32602 } }],
    [
      'fails',
      {
        code: 'MCP_ERROR',
        delivered: 'yes',
        mcp: { code: -32603 },
        message: expect.stringMatching(/Task failed \(the disk is full\)$/),
      },
    ],
    [
      'ended',
      {
        code: 'MCP_ERROR',
        delivered: 'yes',
        message: expect.stringMatching(/cancelled the task of the call: out of credits$/),
      },
    ],
    [
      'odd',
      { code: 'RESPONSE_INVALID', delivered: 'yes', message: expect.stringMatching(/answered tasks\/get wrongly/) },
    ],
    [
      'nameless',
      { code: 'RESPONSE_INVALID', delivered: 'yes', message: expect.stringMatching(/answered tools\/call wrongly/) },
    ],
    ['dies', { code: 'CONNECTION_LOST', delivered: 'maybe', exitCode: 7 }],
  ])('fails honestly: %s', async (tool, expected) => {
    const supervisor = supervise({ server: entry })
    expect(await errorOf(supervisor.callTool('server', tool, { name: 'Anna' }))).toMatchObject(expected)
    // Whatever it was, the server is of use.
    expect(textOf(await supervisor.callTool('server', 'optional', {}))).toBe('plainly')
  })

  it('may have a failure for a result', async () => {
    const supervisor = supervise({ server: entry })
    const result = await supervisor.callTool('server', 'tool-error', {})
    expect(result).toMatchObject({ isError: true })
    expect(textOf(result)).toBe('no such file')
  })
})

describe.each(['asks', 'asked'])('a question of a task, %s,', (tool) => {
  it('is asked of its own caller, whoever else is in flight', async () => {
    const supervisor = supervise({ server: entry }, offered)
    const call = async (name: string) => {
      const questions: string[] = []
      const elicitation = ({ message }: { message: string }) => {
        questions.push(message)
        return { action: 'accept' as const, content: { colour: `${name}'s` } }
      }
      return [textOf(await supervisor.callTool('server', tool, { name }, { handlers: { elicitation } })), ...questions]
    }
    expect(await Promise.all([call('Anna'), call('Bert'), call('Cleo')])).toEqual([
      [`${tool} Anna Anna's`, 'Anna, which colour?'],
      [`${tool} Bert Bert's`, 'Bert, which colour?'],
      [`${tool} Cleo Cleo's`, 'Cleo, which colour?'],
    ])
  })
})

it('the research of the everything server is done through callTool over stdio and HTTP, and asks its caller', async () => {
  const { url, stop } = await startEverything('streamableHttp')
  onTestFinished(stop)
  const stdio = { command: process.execPath, args: [programOf('everything')] }
  const supervisor = supervise({ stdio, http: { url } }, offered)
  const research = async (server: string, topic: string) => {
    const asked: string[] = []
    const states: unknown[] = []
    const elicitation = ({ message }: { message: string }) => {
      asked.push(message)
      return { action: 'accept' as const, content: { interpretation: `way of ${server}` } }
    }
    const onNotification = ({ params }: Notification) => states.push(params['status'])
    const args = { topic, ambiguous: true }
    const options = { handlers: { elicitation }, onNotification }
    const result = await supervisor.callTool(server, 'simulate-research-query', args, options)
    expect(textOf(result)).toContain(`# Research Report: ${topic} (way of ${server})`)
    expect(asked).toEqual([expect.stringContaining(`"${topic}"`)])
    expect(states).toContain('input_required')
    expect(states.at(-1)).toBe('completed')
  }
  await Promise.all(['stdio', 'http'].flatMap((server) => [research(server, 'python'), research(server, 'ruby')]))
}, 30_000)
