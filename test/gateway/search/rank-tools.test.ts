import { describe, expect, it } from 'vitest'

import { definitionsOf, summariesOf } from '../../../src/gateway/search/answers.js'
import { rankTools } from '../../../src/gateway/search/rank-tools.js'

const tool = (name: string, description = '', parameters: readonly string[] = []) => ({
  name,
  tool: { name, description, inputSchema: { properties: Object.fromEntries(parameters.map((key) => [key, {}])) } },
})
const tools = [
  tool('files__read_file', 'Reads a file. All of it.', ['path']),
  tool('files__write_file', 'Writes a file.', ['path', 'content']),
  tool('github__createIssue', 'Opens an issue in a repository.', ['repository', 'title']),
  tool('github__search', 'Finds code.', ['query']),
]
const found = (query: string) => rankTools(tools, query).map(({ name }) => name)

describe('a search for tools', () => {
  it('finds by name, in any spelling, before it finds by description', () => {
    expect(found('create an issue')).toEqual(['github__createIssue'])
    expect(found('write file')).toEqual(['files__write_file', 'files__read_file'])
    expect(found('repository')).toEqual(['github__createIssue'])
    expect(found('content')).toEqual(['files__write_file'])
  })

  it('finds words that begin alike', () => {
    expect(found('issues')).toEqual(['github__createIssue'])
    expect(found('searching')).toEqual(['github__search'])
  })

  it('finds nothing for what nobody does, and for no words at all', () => {
    expect(found('weather')).toEqual([])
    expect(found('!?')).toEqual([])
    expect(summariesOf([])).toContain('No tool was found')
  })

  it('summarises each in a line', () => {
    expect(summariesOf(rankTools(tools, 'read'))).toBe('files__read_file: Reads a file.')
  })
})

describe('definitions within a budget', () => {
  it('end where the next would pass it, and name the others; one is always given', () => {
    const one = definitionsOf(tools.slice(0, 1), 1)
    expect(JSON.parse(one)).toMatchObject({ name: 'files__read_file', inputSchema: { properties: { path: {} } } })
    expect(definitionsOf(tools, 60).split('\n').at(-1)).toMatch(/^Not within the budget: .*github__search$/)
    expect(definitionsOf(tools, 10_000)).not.toContain('budget')
  })
})
