import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Supervisor, createSupervisor } from '../../src/index.js'
import { isAlive, programOf, startEverything } from '../support/real-servers.js'

let folder: string
let supervisor: Supervisor
let pids: number[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpvisor-real-'))
  await writeFile(join(folder, 'note.txt'), 'kept')
  supervisor = createSupervisor(
    {
      mcpServers: {
        everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
        filesystem: { command: process.execPath, args: [programOf('filesystem'), '${FOLDER}'] },
        memory: {
          command: process.execPath,
          args: [programOf('memory')],
          env: { MEMORY_FILE_PATH: '${FOLDER}/memory.jsonl' },
        },
      },
    },
    { env: { ...process.env, FOLDER: folder } },
  )
  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))
  pids = supervisor.statuses().flatMap(({ pid }) => pid ?? [])
}, 60_000)

afterAll(async () => {
  await supervisor.close()
  await rm(folder, { recursive: true })
})

describe('servers from npm, over stdio', () => {
  it('lists and calls the everything server behind npx, with progress', async () => {
    const tools = await supervisor.listTools('everything')
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'get-sum']))
    const progress: number[] = []
    await supervisor.callTool(
      'everything',
      'trigger-long-running-operation',
      { duration: 1, steps: 4 },
      { onProgress: (report) => progress.push(report.progress) },
    )
    expect(progress).toEqual([1, 2, 3, 4])
  })

  it('reads a file through the filesystem server and is told that another is out of bounds', async () => {
    const read = (path: string) => supervisor.callTool('filesystem', 'read_text_file', { path })
    expect((await read(join(folder, 'note.txt'))).content[0]).toMatchObject({ type: 'text', text: 'kept' })
    expect(await read('/etc/hostname')).toMatchObject({ isError: true })
  })

  it('keeps what the memory server was told across its death', async () => {
    const entity = { name: 'mcpvisor', entityType: 'software', observations: ['heals'] }
    await supervisor.callTool('memory', 'create_entities', { entities: [entity] })
    const { pid = 0, generation } = supervisor.status('memory')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => supervisor.status('memory').generation).toBe(generation + 1)
    const { structuredContent } = await supervisor.callTool('memory', 'read_graph')
    expect(structuredContent).toMatchObject({ entities: [{ name: 'mcpvisor' }] })
    pids.push(supervisor.status('memory').pid ?? 0)
  })

  it('leaves no process behind', async () => {
    expect(await supervisor.close()).toMatchObject({ total: 3, closed: 3, errors: {} })
    expect(pids.filter(isAlive)).toEqual([])
  })
})

describe.each(['streamableHttp', 'sse'] as const)('the everything server over %s', (form) => {
  it('is found, listed and called without naming the form, and closed without a trace', async () => {
    const server = await startEverything(form)
    const remote = createSupervisor({ mcpServers: { remote: { url: server.url } } })
    try {
      expect((await remote.listTools('remote')).map(({ name }) => name)).toContain('echo')
      const { content } = await remote.callTool('remote', 'echo', { message: 'over HTTP' })
      expect(content[0]).toMatchObject({ text: 'Echo: over HTTP' })
      expect(await remote.close()).toMatchObject({ total: 1, closed: 1, errors: {} })
    } finally {
      await server.stop()
    }
  }, 30_000)
})
