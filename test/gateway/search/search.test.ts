import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'

import { countTokens } from 'gpt-tokenizer'
import { describe, expect, it } from 'vitest'

import { stdioSurface } from '../../protocol/surfaces.js'
import { stdioServer } from '../../support/fixture-servers.js'
import { programOf } from '../../support/real-servers.js'
import { answered, legacyClient, modernClient, openGateway } from '../gateway-bench.js'

const search = { exposure: 'search' } as const

describe('a gateway that lists four tools for all', () => {
  it('lets them be found, described and called', async () => {
    const { endpoint } = await openGateway({ one: stdioServer(), two: stdioSurface('both') }, search)
    const client = await legacyClient(endpoint)
    const use = async (name: string, args: object = {}) =>
      String(answered(await client.callTool({ name, arguments: { ...args } })))
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'list_servers',
      'search_tools',
      'describe_tools',
      'call_tool',
    ])
    expect(await use('list_servers')).toMatch(/^one: \d+ tools\.\ntwo: \d+ tools\.$/)
    expect(await use('search_tools', { query: 'echo' })).toMatch(/^one__echo: /)
    expect(await use('search_tools', { query: 'add', server: 'two' })).toMatch(/^two__add: /)
    expect(await use('describe_tools', { names: ['one__echo', 'one__nothing'] })).toMatch(
      /^\{"name":"one__echo",.*"inputSchema".*\}\nUnknown: one__nothing$/,
    )
    expect(await use('call_tool', { name: 'one__echo', arguments: { text: 'hello' } })).toBe('hello')
    expect(await use('one__echo', { text: 'directly' })).toBe('directly')
  })

  it('tells a model what was wrong with its arguments', async () => {
    const { endpoint } = await openGateway({ one: stdioServer() }, search)
    const client = await legacyClient(endpoint)
    const result = await client.callTool({ name: 'search_tools', arguments: { limit: 0 } })
    expect(result).toMatchObject({ isError: true })
    expect(answered(result)).toMatch(/^search_tools: .*query/s)
  })

  it('passes on what a server asks during a call, in both eras', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both') }, search)
    const client = await modernClient(endpoint, { elicitation: {} }, (one) =>
      one.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { colour: 'blue' } })),
    )
    const args = { name: 'it__colour', arguments: { name: 'Anna' } }
    expect(answered(await client.callTool({ name: 'call_tool', arguments: args }))).toBe('Anna: blue')
  })

  it('shows no more than the view allows', async () => {
    const { endpoint } = await openGateway({ one: stdioServer() }, { ...search, view: { allow: ['one/echo'] } })
    const client = await legacyClient(endpoint)
    const names = ['one__echo', 'one__add']
    const told = String(answered(await client.callTool({ name: 'describe_tools', arguments: { names } })))
    expect(told).toContain('Unknown: one__add')
    await expect(client.callTool({ name: 'call_tool', arguments: { name: 'one__add' } })).rejects.toMatchObject({
      code: -32602,
    })
  })

  it('is refused where the names of its tools could be those of a server', async () => {
    await expect(openGateway({ one: stdioServer() }, { ...search, naming: 'plain' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })

  it('costs the tokens that docs/gateway.md says', async () => {
    const servers = {
      everything: { command: process.execPath, args: [programOf('everything')] },
      filesystem: { command: process.execPath, args: [programOf('filesystem'), tmpdir()] },
      memory: { command: process.execPath, args: [programOf('memory')] },
    }
    const { gateway, endpoint } = await openGateway(servers, { listWaitMs: 60_000 })
    const found = await openGateway(servers, { ...search, listWaitMs: 60_000 })
    const [all, few] = [await legacyClient(endpoint), await legacyClient(found.endpoint)]
    const listOf = async (client: typeof all) => (await client.listTools()).tools
    const tokensOf = (value: unknown) => countTokens(JSON.stringify(value))
    const [wholeList, fewTools] = [await listOf(all), await listOf(few)]
    const use = async (name: string, args: object) =>
      String(answered(await few.callTool({ name, arguments: { ...args } })))
    const hits = await use('search_tools', { query: 'read a file', limit: 5 })
    const definition = await use('describe_tools', { names: [hits.split(':', 1)[0]] })
    const rows = [
      ['`all`: the list', wholeList.length, tokensOf(wholeList)],
      ['`search`: the list', fewTools.length, tokensOf(fewTools)],
      ['`search_tools {"query":"read a file","limit":5}`', 5, countTokens(hits)],
      ['`describe_tools` of the first of them', 1, countTokens(definition)],
    ]
    expect(hits.split('\n')).toHaveLength(5)
    await gateway.close(0)
    const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
    const page = new URL('../../../docs/gateway.md', import.meta.url)
    const text = readFileSync(page, 'utf8')
    const known = /(?<=\| what is read \| tools \| tokens \|\n\|---\|---\|---\|\n)(?:\|.*\n)+/.exec(text)?.[0] ?? ''
    // `UPDATE_DOCS=1 npx vitest run test/gateway/search` writes the table anew.
    if (process.env['UPDATE_DOCS'])
      writeFileSync(
        page,
        text.replace(known, () => `${table}\n`),
      )
    else expect(known.trim()).toBe(table)
  })
})
