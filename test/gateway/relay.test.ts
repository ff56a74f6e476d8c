import { fileURLToPath } from 'node:url'

import type { Client as ModernClient } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ElicitationCompleteNotificationSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'

import { stdioSurface } from '../protocol/surfaces.js'
import { stdioServer, until } from '../support/fixture-servers.js'
import { answersAs, everyCapability as capabilities } from './answers-as.js'
import { answered, doors, legacyClient, modernClient, openGateway } from './gateway-bench.js'

const upstream = [
  { up: '2025-11-25', connect: legacyClient },
  { up: '2026-07-28', connect: modernClient },
]
const ways = upstream.flatMap((way) =>
  doors.flatMap((door) => (['both', 'modern'] as const).map((down) => ({ ...way, ...door, down }))),
)

describe.each(ways)('from $up over $over to a server that speaks $down,', ({ connect, door, down }) => {
  const surface = () => ({ it: stdioSurface(down) })

  it('what a server asks is answered by the client that called', async () => {
    const bench = await openGateway(surface())
    const anna = await connect(door(bench), capabilities, answersAs('anna'))
    const call = async (name: string, args = {}) => answered(await anna.callTool({ name, arguments: args }))
    expect(await call('it__colour', { name: 'Anna' })).toBe('Anna: anna')
    expect(await call('it__think', { about: 'that' })).toBe('anna thinks')
    expect(await call('it__roots')).toBe('file:///anna')
  })

  it('a client is asked for nothing that it did not offer', async () => {
    const client = await connect(door(await openGateway(surface())))
    const outcome = await client
      .callTool({ name: 'it__think', arguments: { about: 'that' } })
      .catch((error: unknown) => error)
    expect(outcome).toSatisfy((it) => it instanceof Error || (it as { isError?: boolean }).isError === true)
  })

  it('progress reaches the request that it is of, and no other', async () => {
    const bench = await openGateway(surface())
    const [anna, bert] = [await connect(door(bench)), await connect(door(bench))]
    const seen: string[] = []
    const steps = (client: LegacyClient | ModernClient, name: string) => {
      const options = {
        onprogress: ({ message }: { message?: string | undefined }) => void seen.push(`${name} sees ${message}`),
      }
      const params = { name: 'it__steps', arguments: { name } }
      return client instanceof LegacyClient
        ? client.callTool(params, undefined, options)
        : client.callTool(params, options)
    }
    await Promise.all([steps(anna, 'anna'), steps(bert, 'bert')])
    expect(seen.toSorted()).toEqual([
      ...Array<string>(3).fill('anna sees anna'),
      ...Array<string>(3).fill('bert sees bert'),
    ])
  })
})

describe('two clients of one shared server', () => {
  it('are never taken for each other when it asks while both have called: it is refused instead', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both') })
    const [anna, bert] = [
      await legacyClient(endpoint, capabilities, answersAs('anna')),
      await legacyClient(endpoint, capabilities, answersAs('bert')),
    ]
    const colours = ['anna', 'bert', 'anna', 'bert'].map(async (name) => {
      const client = name === 'anna' ? anna : bert
      const text = String(answered(await client.callTool({ name: 'it__colour', arguments: { name } })))
      return [name, text] as const
    })
    for (const [name, text] of await Promise.all(colours)) {
      if (text !== `${name}: ${name}`) expect(text).toContain('cannot be told')
    }
  })

  it('are asked rightly even then when each has a session of its own', async () => {
    const { endpoint } = await openGateway({
      it: stdioSurface('both', { supervisor: { session: 'per-client' } }),
    })
    const [anna, bert] = [
      await legacyClient(endpoint, capabilities, answersAs('anna')),
      await legacyClient(endpoint, capabilities, answersAs('bert')),
    ]
    const colours = ['anna', 'bert', 'anna', 'bert'].map(async (name) => {
      const client = name === 'anna' ? anna : bert
      return answered(await client.callTool({ name: 'it__colour', arguments: { name } }))
    })
    expect(await Promise.all(colours)).toEqual(['anna: anna', 'bert: bert', 'anna: anna', 'bert: bert'])
  })

  it('are not taken for each other either where they share a token, and with it a session', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both', { supervisor: { session: 'per-client' } }) })
    const clients = {
      anna: await modernClient(endpoint, capabilities, answersAs('anna')),
      bert: await modernClient(endpoint, capabilities, answersAs('bert')),
    }
    const colours = (['anna', 'bert', 'anna', 'bert'] as const).map(async (name) => {
      const text = String(answered(await clients[name].callTool({ name: 'it__colour', arguments: { name } })))
      return [name, text] as const
    })
    for (const [name, text] of await Promise.all(colours)) {
      if (text !== `${name}: ${name}`) expect(text).toContain('cannot be told')
    }
  })

  it('hear the log messages of their own calls, at the level that each has chosen', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both') })
    const heard: Record<string, unknown[]> = { anna: [], bert: [] }
    const listens = (name: string) => (client: LegacyClient) =>
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void heard[name]?.push(params.data),
      )
    const anna = await legacyClient(endpoint, {}, listens('anna'))
    await legacyClient(endpoint, {}, listens('bert'))
    await anna.setLoggingLevel('error')
    await anna.callTool({ name: 'it__log', arguments: {} })
    expect(heard).toEqual({ anna: ['loud'], bert: [] })
    await anna.setLoggingLevel('debug')
    await anna.callTool({ name: 'it__log', arguments: {} })
    expect(heard['anna']).toEqual(['loud', 'quiet', 'loud'])
  })
})

describe('a page that a person has to visit', () => {
  it('is shown to the client that called, which alone is told when the person is done', async () => {
    const program = fileURLToPath(new URL('servers/page.mjs', import.meta.url))
    const { endpoint } = await openGateway({ it: { command: process.execPath, args: [program] } })
    const seen: Record<string, unknown[]> = { anna: [], bert: [] }
    const visits = (name: string) => (client: LegacyClient) => {
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        seen[name]?.push('url' in params && params.url)
        return { action: 'accept' }
      })
      client.setNotificationHandler(
        ElicitationCompleteNotificationSchema,
        ({ params }) => void seen[name]?.push(params.elicitationId),
      )
    }
    const anna = await legacyClient(endpoint, { elicitation: { url: {} } }, visits('anna'))
    const bert = await legacyClient(endpoint, { elicitation: { url: {} } }, visits('bert'))
    expect(answered(await anna.callTool({ name: 'it__visit', arguments: { id: 'one' } }))).toBe('accept')
    await bert.callTool({ name: 'it__done', arguments: { id: 'one' } })
    await until(() => seen['anna']?.length === 2)
    expect(seen).toEqual({ anna: ['https://example.com/', 'one'], bert: [] })
  })
})

describe('an answer of a client', () => {
  it('is told how far it is to the server that wants to know', async () => {
    const program = fileURLToPath(new URL('../protocol/servers/stdio-v1.mjs', import.meta.url))
    const { endpoint } = await openGateway({ it: { command: process.execPath, args: [program] } })
    const client = await legacyClient(endpoint, capabilities, (it) =>
      it.setRequestHandler(CreateMessageRequestSchema, async (_, { _meta, sendNotification }) => {
        const params = { progressToken: _meta?.progressToken ?? 'none', progress: 1, total: 2, message: 'reading' }
        await sendNotification({ method: 'notifications/progress', params })
        // Over HTTP the notification and the answer go by different ways.
        await new Promise((resolve) => setTimeout(resolve, 100))
        return { role: 'assistant', model: 'm', content: { type: 'text', text: 'thought' } }
      }),
    )
    const result = await client.callTool({ name: 'it__study', arguments: { name: 'Anna' } })
    expect(answered(result)).toBe('1/2 reading,thought')
  })
})

describe('what a server tells of itself', () => {
  it('reaches those who subscribed, under the address that they know, and ends with the last of them', async () => {
    const surface = stdioSurface('both')
    const { endpoint } = await openGateway({ it: surface })
    const heard: Record<string, string[]> = { anna: [], bert: [] }
    const listens = (name: string) => (client: LegacyClient) =>
      client.setNotificationHandler(
        ResourceUpdatedNotificationSchema,
        ({ params }) => void heard[name]?.push(params.uri),
      )
    const anna = await legacyClient(endpoint, {}, listens('anna'))
    await legacyClient(endpoint, {}, listens('bert'))
    const uri = 'mcpvisor:it/surface://motto'
    await anna.subscribeResource({ uri })
    const touch = () => anna.callTool({ name: 'it__touch', arguments: { uri: 'surface://motto' } })
    await touch()
    await until(() => heard['anna']?.length === 1)
    await anna.unsubscribeResource({ uri })
    await touch()
    expect(heard).toEqual({ anna: [uri], bert: [] })
  })

  it.each(doors)('reaches a client of 2026-07-28 that listens for it over $over', async ({ door }) => {
    const client = await modernClient(door(await openGateway({ it: stdioSurface('both') })))
    const heard: string[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri))
    client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'))
    const uri = 'mcpvisor:it/surface://motto'
    const listening = await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] })
    await client.listTools()
    await client.callTool({ name: 'it__touch', arguments: { uri: 'surface://motto' } })
    await until(() => heard.includes(uri))
    await client.callTool({ name: 'it__grow', arguments: {} })
    await until(() => heard.includes('tools'))
    await listening.close()
  })

  it.each(doors)('reaches clients of both eras over $over when its prompts and resources change', async ({ door }) => {
    const program = fileURLToPath(new URL('../protocol/servers/lists.mjs', import.meta.url))
    const bench = await openGateway({ it: { command: process.execPath, args: [program] } })
    const heard = { old: new Set<string>(), young: new Set<string>() }
    const old = await legacyClient(door(bench), {}, (it) => {
      it.setNotificationHandler(PromptListChangedNotificationSchema, () => void heard.old.add('prompts'))
      it.setNotificationHandler(ResourceListChangedNotificationSchema, () => void heard.old.add('resources'))
    })
    const young = await modernClient(door(bench), {}, (it) => {
      it.setNotificationHandler('notifications/prompts/list_changed', () => void heard.young.add('prompts'))
      it.setNotificationHandler('notifications/resources/list_changed', () => void heard.young.add('resources'))
    })
    await young.listen({ promptsListChanged: true, resourcesListChanged: true })
    for (const client of [old, young]) {
      expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['it__prompt_1'])
      expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['mcpvisor:it/it://1'])
    }

    await old.callTool({ name: 'it__storm', arguments: { times: 3 } })
    await until(() => heard.old.size === 2 && heard.young.size === 2)
    const first = async () => (await young.listResources()).resources[0]?.uri
    await expect.poll(first, { timeout: 10_000 }).toBe('mcpvisor:it/it://4')
    const prompts = async () => (await old.listPrompts()).prompts.map(({ name }) => name)
    await expect.poll(prompts, { timeout: 10_000 }).toEqual(['it__prompt_4'])
  })

  it('C28: the tools of a server that was dead at the start are told when they come', async () => {
    const late = stdioServer({ start: { mode: 'exit', code: 1, first: 1 } }, { retries: 0 })
    const { endpoint, supervisor } = await openGateway({ late, well: stdioServer() }, { listWaitMs: 60_000 })
    const changed: string[] = []
    const client = await legacyClient(endpoint, {}, (it) =>
      it.setNotificationHandler(ToolListChangedNotificationSchema, () => void changed.push('tools')),
    )
    const names = async () => (await client.listTools()).tools.map(({ name }) => name)
    const first = await names()
    expect(first).toContain('well__echo')
    expect(first).not.toContain('late__echo')
    expect(changed).toEqual([])
    await supervisor.connect('late')
    await until(() => changed.length > 0)
    expect(await names()).toEqual(expect.arrayContaining(['late__echo', 'well__echo']))
  })

  it('C28: a server that hangs at the start keeps neither the handshake nor a list waiting', async () => {
    const { endpoint, supervisor } = await openGateway(
      { hangs: stdioServer({ initialize: 'hang' }) },
      { listWaitMs: 50 },
    )
    const client = await legacyClient(endpoint)
    expect(supervisor.status('hangs').state).toBe('idle')
    expect(await client.listTools()).toEqual({ tools: [] })
    expect(supervisor.status('hangs').state).toBe('connecting')
  })
})
