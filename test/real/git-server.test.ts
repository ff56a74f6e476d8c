import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Supervisor, createSupervisor } from '../../src/index.js'
import { isAlive } from '../support/real-servers.js'

const program = fileURLToPath(new URL('../../node_modules/@cyanheads/git-mcp-server/dist/index.js', import.meta.url))

let folder: string
let supervisor: Supervisor

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpvisor-git-'))
  await writeFile(join(folder, '.gitconfig'), '[user]\nname = Ada\nemail = ada@example.com\n')
  supervisor = createSupervisor({
    mcpServers: {
      git: {
        command: process.execPath,
        args: [program],
        // Not the settings of whoever runs this: they may ask for a signature.
        env: { HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
      },
    },
  })
})

afterAll(async () => {
  await supervisor.close()
  await rm(folder, { recursive: true })
})

it('git server: makes a repository, commits, is killed, and its successor reads the log', async () => {
  const path = join(folder, 'repository')
  const call = async (tool: string, args: object) => {
    const result = await supervisor.callTool('git', tool, { path, ...args })
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy()
    return result.structuredContent
  }
  await call('git_init', { initialBranch: 'main' })
  await writeFile(join(path, 'note.txt'), 'kept')
  await call('git_add', { paths: ['note.txt'] })
  await call('git_commit', { message: 'Keep a note' })

  const { pid = 0, tools, generation } = supervisor.status('git')
  expect(tools).toBe(28)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => supervisor.status('git').generation).toBe(generation + 1)
  expect(await call('git_log', {})).toMatchObject({ commits: [{ subject: 'Keep a note', author: 'Ada' }] })
  const successor = supervisor.status('git').pid ?? 0
  expect(successor).not.toBe(pid)

  expect(await supervisor.close()).toMatchObject({ closed: 1, errors: {} })
  expect([pid, successor].filter(isAlive)).toEqual([])
}, 60_000)
