import { describe, expect, it } from 'vitest'

import type { Supervisor, SupervisorEvent } from '../../src/index.js'
import { supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { httpSurface, stdioSurface } from './surfaces.js'

/** Every era over every transport. The legacy one over HTTP keeps no session here, so that it can tell nothing unasked. */
const ways = [
  { way: 'legacy over stdio', entry: async () => stdioSurface('both').entry, tells: true },
  { way: 'modern over stdio', entry: async () => stdioSurface('modern').entry, tells: true },
  { way: 'modern over HTTP', entry: async () => ({ url: (await httpSurface({ legacy: false })).url }), tells: false },
  { way: 'legacy over HTTP', entry: async () => ({ url: (await httpSurface()).url }), tells: false },
]

const notifications = (supervisor: Supervisor) => {
  const seen: Extract<SupervisorEvent, { type: 'notification.received' }>[] = []
  supervisor.on('notification.received', (event) => seen.push(event))
  return seen
}

describe.each(ways)('a server that is $way', ({ way, entry, tells }) => {
  it('lists and reads its resources', async () => {
    const supervisor = supervise({ server: await entry() })
    expect(await supervisor.listResources('server')).toMatchObject([{ uri: 'surface://motto', name: 'motto' }])
    expect(await supervisor.listResourceTemplates('server')).toMatchObject([{ uriTemplate: 'surface://notes/{id}' }])
    expect(await supervisor.readResource('server', 'surface://motto')).toMatchObject({
      contents: [{ uri: 'surface://motto', text: 'all of it' }],
    })
    expect(await supervisor.readResource('server', 'surface://notes/two')).toMatchObject({
      contents: [{ text: 'note two' }],
    })
  })

  it('answers a resource that it does not have with its own error', async () => {
    const supervisor = supervise({ server: await entry() })
    const error = await errorOf(supervisor.readResource('server', 'surface://nowhere'))
    expect(error).toMatchObject({ code: 'MCP_ERROR', delivered: 'yes', mcp: { code: expect.any(Number) } })
  })

  it('lists and gives its prompts', async () => {
    const supervisor = supervise({ server: await entry() })
    expect(await supervisor.listPrompts('server')).toMatchObject([
      { name: 'praise', arguments: [{ name: 'language' }] },
    ])
    expect(await supervisor.getPrompt('server', 'praise', { language: 'rust' })).toMatchObject({
      messages: [{ role: 'user', content: { text: 'Praise rust' } }],
    })
  })

  it('completes arguments of prompts and variables of templates', async () => {
    const supervisor = supervise({ server: await entry() })
    const prompt = { type: 'ref/prompt', name: 'praise' } as const
    expect(await supervisor.complete('server', prompt, { name: 'language', value: 'ru' })).toMatchObject({
      values: ['rust', 'ruby'],
    })
    const template = { type: 'ref/resource', uri: 'surface://notes/{id}' } as const
    expect(await supervisor.complete('server', template, { name: 'id', value: 't' })).toMatchObject({
      values: ['two', 'three'],
    })
  })

  it('answers a ping', async () => {
    const supervisor = supervise({ server: await entry() })
    await expect(supervisor.ping('server')).resolves.toBeUndefined()
  })

  it('tells its progress to the call that it is of', async () => {
    const supervisor = supervise({ server: await entry() })
    const call = async (name: string) => {
      const told: (string | undefined)[] = []
      await supervisor.callTool('server', 'steps', { name }, { onProgress: ({ message }) => told.push(message) })
      return told
    }
    const [anna, bert] = await Promise.all([call('Anna'), call('Bert')])
    expect(anna).toEqual(['Anna', 'Anna', 'Anna'])
    expect(bert).toEqual(['Bert', 'Bert', 'Bert'])
  })

  it.runIf(tells)('tells the updates of a resource from its subscription to its end', async () => {
    const supervisor = supervise({ server: await entry() })
    const seen = notifications(supervisor)
    const updates = () => seen.filter(({ method }) => method === 'notifications/resources/updated').length
    await supervisor.subscribe('server', 'surface://motto')
    await supervisor.callTool('server', 'touch', { uri: 'surface://motto' })
    await until(() => updates() === 1)
    await supervisor.unsubscribe('server', 'surface://motto')
    expect(updates()).toBe(1)
  })

  it.runIf(tells)('tells a change of its tools, which are then listed anew', async () => {
    const supervisor = supervise({ server: await entry() })
    const before = await supervisor.listTools('server')
    const changes: SupervisorEvent[] = []
    supervisor.on('tools.changed', (event) => changes.push(event))
    await supervisor.callTool('server', 'grow')
    await until(() => changes.length > 0)
    expect(await supervisor.listTools('server')).toHaveLength(before.length + 1)
  })

  it.runIf(tells || way.startsWith('modern'))('sends log messages of the level that was asked for', async () => {
    const supervisor = supervise({ server: await entry() })
    const seen = notifications(supervisor)
    await supervisor.setLogLevel('server', 'warning')
    await supervisor.callTool('server', 'log')
    await until(() => seen.length > 0)
    expect(seen.filter(({ method }) => method === 'notifications/message').map(({ params }) => params['data'])).toEqual(
      ['loud'],
    )
  })
})
