import { McpServer, fromJsonSchema } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'

import { supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { httpSurface } from './surfaces.js'

const modern = { protocolEra: 'modern' }

describe('a request of 2026-07-28 over HTTP', () => {
  it('says in every message who asks, and in every header what for', async () => {
    const { url, requests } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } }, { clientInfo: { name: 'host', version: '7' } })
    await supervisor.callTool('server', 'add', { a: 1, b: 2 })
    await supervisor.readResource('server', 'surface://notes/ünï')
    for (const { headers, message } of requests) {
      expect(headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': message?.method })
      expect(headers).not.toHaveProperty('mcp-session-id')
      expect(message?.params).toMatchObject({
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'host', version: '7' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      })
    }
    const nameOf = (method: string) => requests.find(({ message }) => message?.method === method)?.headers['mcp-name']
    expect(nameOf('tools/call')).toBe('add')
    expect(nameOf('resources/read')).toBe(`=?base64?${Buffer.from('surface://notes/ünï').toString('base64')}?=`)
    expect(requests.map(({ method }) => method)).not.toContain('GET')
  })

  it('mirrors the arguments that the tool marks, once it was listed', async () => {
    const { url, requests } = await httpSurface({ legacy: false, factory: createMarked })
    const supervisor = supervise({ server: { url, ...modern } })
    expect(await supervisor.listTools('server')).toMatchObject([{ name: 'marked' }])
    await supervisor.callTool('server', 'marked', { region: 'Zürich', nested: { count: 3 }, plain: 'x' })
    const call = requests.find(({ message }) => message?.method === 'tools/call')
    expect(call?.headers).toMatchObject({ 'mcp-param-region': '=?base64?WsO8cmljaA==?=', 'mcp-param-count': '3' })
  })

  it('is not made again from the start when its server goes away between two rounds', async () => {
    const surface = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url: surface.url, ...modern, supervisor: { retries: 0 } } })
    const elicitation = async () => {
      await surface.close()
      await new Promise((resolve) => setTimeout(resolve, 100))
      return { action: 'accept' as const, content: { colour: 'red' } }
    }
    const call = supervisor.callTool('server', 'colour', { name: 'Anna' }, { handlers: { elicitation } })
    expect(await errorOf(call)).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
  })

  it('ends when its call is given up: the stream is closed and nothing else is said', async () => {
    const { url, requests } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } })
    const giveUp = new AbortController()
    const call = supervisor.callTool(
      'server',
      'steps',
      { name: 'Anna' },
      { signal: giveUp.signal, onProgress: () => giveUp.abort() },
    )
    await expect(call).rejects.toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    expect(await supervisor.callTool('server', 'add', { a: 1, b: 2 })).toMatchObject({ structuredContent: { sum: 3 } })
    expect(requests.map(({ message }) => message?.method)).not.toContain('notifications/cancelled')
  })

  it('is answered with the error of the server, whatever status it comes with', async () => {
    const { url } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } })
    const call = supervisor.getPrompt('server', 'unheard of')
    await expect(call).rejects.toMatchObject({ code: 'MCP_ERROR', delivered: 'yes', mcp: { code: -32602 } })
    expect(supervisor.status('server').connected).toBe(true)
  })
})

describe('a modern server over HTTP', () => {
  it('tells its changes on a stream that was asked for', async () => {
    const { url, requests, notify } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } })
    const seen: string[] = []
    supervisor.on('notification.received', ({ method }) => seen.push(method))
    await supervisor.connect('server')
    await supervisor.subscribe('server', 'surface://motto')
    notify.resourceUpdated('surface://motto')
    notify.resourceUpdated('surface://another')
    notify.toolsChanged()
    await until(() => seen.length >= 2)
    expect(seen).toEqual(['notifications/resources/updated', 'notifications/tools/list_changed'])
    const listens = requests.filter(({ message }) => message?.method === 'subscriptions/listen')
    expect(listens.map(({ message }) => message?.params?.['notifications'])).toEqual([
      { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
      expect.objectContaining({ resourceSubscriptions: ['surface://motto'] }),
    ])
  })

  it('is asked to tell its changes again when that stream breaks, and is lost to nobody', async () => {
    const { url, requests, notify, cut } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } })
    const listens = () => requests.filter(({ message }) => message?.method === 'subscriptions/listen').length
    const seen: string[] = []
    supervisor.on('notification.received', ({ method }) => seen.push(method))
    await supervisor.subscribe('server', 'surface://motto')
    const before = listens()
    cut()
    await until(() => listens() > before)
    expect(supervisor.status('server')).toMatchObject({ connected: true, generation: 1 })
    await until(() => {
      notify.resourceUpdated('surface://motto')
      return seen.includes('notifications/resources/updated')
    })
  })

  it('is asked for its tools again only when it told a change of them', async () => {
    const { url, requests, notify } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, ...modern } })
    const lists = () => requests.filter(({ message }) => message?.method === 'tools/list').length
    await supervisor.connect('server')
    let before: number
    // The stream of changes stands once a list comes from memory.
    do {
      before = lists()
      await supervisor.listTools('server')
    } while (lists() > before)
    notify.toolsChanged()
    await until(() => lists() === before + 1)
  })
})

describe('a tool that wants other headers than it was listed with', () => {
  it('is listed anew, and its call is made once more', async () => {
    const tool = { header: 'Region', executed: 0 }
    const { url, requests } = await httpSurface({ legacy: false, factory: () => createMoving(tool) })
    const supervisor = supervise({ server: { url, ...modern } })
    const changed: string[] = []
    supervisor.on('tools.changed', (event) => changed.push(...event.changed.map(({ name }) => name)))
    await supervisor.connect('server')
    tool.header = 'Zone'
    const before = requests.length
    expect(textOf(await supervisor.callTool('server', 'moving', { region: 'here' }))).toBe('here')
    const seen = requests
      .slice(before)
      .flatMap(({ message, headers }) =>
        message?.method?.startsWith('tools/')
          ? [[message.method, headers['mcp-param-region'], headers['mcp-param-zone']]]
          : [],
      )
    expect(seen).toEqual([
      ['tools/call', 'here', undefined],
      ['tools/list', undefined, undefined],
      ['tools/call', undefined, 'here'],
    ])
    expect(tool.executed).toBe(1)
    await until(() => changed.length === 1)
  })

  it('is called twice at most', async () => {
    let n = 0
    const restless = () => createMoving({ header: `Region-${(n += 1)}`, executed: 0 })
    const { url, requests } = await httpSurface({ legacy: false, factory: restless })
    const supervisor = supervise({ server: { url, ...modern } })
    const error = await errorOf(supervisor.callTool('server', 'moving', { region: 'here' }))
    expect(error).toMatchObject({ code: 'MCP_ERROR', delivered: 'yes', mcp: { code: -32020 } })
    expect(requests.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(2)
  })
})

/** The SDK checks the headers of its tools by itself. */
function createMoving(tool: { readonly header: string; executed: number }) {
  const server = new McpServer({ name: 'moving', version: '1.0.0' }, { capabilities: { tools: {} } })
  const properties = { region: { type: 'string' as const, 'x-mcp-header': tool.header } }
  const inputSchema = fromJsonSchema<{ region: string }>({ type: 'object', properties })
  server.registerTool('moving', { inputSchema }, ({ region }) => {
    tool.executed += 1
    return { content: [{ type: 'text', text: region }] }
  })
  return server
}

function createMarked() {
  const server = new McpServer({ name: 'marked', version: '1.0.0' }, { capabilities: { tools: {} } })
  const inputSchema = {
    type: 'object' as const,
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      nested: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
      plain: { type: 'string' },
    },
  }
  const broken = { type: 'object' as const, properties: { region: { type: 'number', 'x-mcp-header': 'Region' } } }
  server.server.setRequestHandler('tools/list', () => ({
    tools: [
      { name: 'marked', inputSchema },
      { name: 'broken', inputSchema: broken },
    ],
  }))
  server.server.setRequestHandler('tools/call', () => ({ content: [] }))
  return server
}
