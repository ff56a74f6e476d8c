import { describe, expect, onTestFinished, test } from 'vitest'
import { livingGroups, spawnGroup, type ProcessGroup } from '../../../src/actors/process/process-group.js'
import type { StdioEndpoint } from '../../../src/config/entry.js'
import {
  emptyJournal,
  fixturePath,
  isRunning,
  stdioEndpoint,
  until,
  type Faults,
  type Journal,
} from '../stdio-fixture.js'

/** Starts a command as a group that is ended after the test. */
async function startedGroup(endpoint: StdioEndpoint, shutdownTimeoutMs = 300): Promise<ProcessGroup> {
  const group = await spawnGroup(endpoint, { server: 'fixture', shutdownTimeoutMs })
  onTestFinished(async () => {
    group.kill()
    await group.end()
  })
  group.stdout.resume()
  group.stderr.resume()
  return group
}

/** The fixture server, up and with as many children as its faults start. */
async function fixtureGroup(faults: Faults, journal: Journal, shutdownTimeoutMs?: number): Promise<ProcessGroup> {
  const group = await startedGroup(stdioEndpoint(faults, journal), shutdownTimeoutMs)
  const children = [faults['children'] ?? []].flat().length
  await until(() => journal.children().length >= children && journal.lines().length > 0)
  group.stdin.write('{"jsonrpc":"2.0","id":0,"method":"ping"}\n')
  await until(() => journal.lines().some(({ method }) => method === 'ping'))
  return group
}

function shell(script: string): StdioEndpoint {
  return { transport: 'stdio', command: 'sh', args: ['-c', script], env: {} }
}

describe('the ladder', () => {
  test('ends a lawful server by the end of its stdin', async () => {
    const group = await fixtureGroup({}, emptyJournal(), 5_000)
    expect(await group.end()).toEqual({ by: 'stdin', exitCode: 0 })
  })

  test('S57 waits for a slow exit', async () => {
    const group = await fixtureGroup({ end: { mode: 'slow', ms: 200, code: 5, noise: true } }, emptyJournal(), 5_000)
    expect(await group.end()).toEqual({ by: 'stdin', exitCode: 5 })
  })

  test('S55 ends a server that ignores the end of stdin by SIGTERM', async () => {
    const group = await fixtureGroup({ end: 'ignore' }, emptyJournal())
    expect(await group.end()).toEqual({ by: 'SIGTERM', signal: 'SIGTERM' })
  })

  test('S56 ends a server that ignores SIGTERM too by SIGKILL', async () => {
    const journal = emptyJournal()
    const group = await fixtureGroup({ end: 'ignore', term: 'ignore' }, journal)
    expect(await group.end()).toEqual({ by: 'SIGKILL', signal: 'SIGKILL' })
    expect(journal.lines().filter(({ event }) => event === 'SIGTERM')).toHaveLength(1)
    expect(isRunning(group.pid)).toBe(false)
  })

  test('S18 ends a stopped server by SIGTERM, because it is told to continue', async () => {
    const group = await fixtureGroup({ end: 'ignore' }, emptyJournal())
    group.signal('SIGSTOP')
    expect(await group.end()).toMatchObject({ by: 'SIGTERM' })
  })

  test('skips the gentle step when it is killed', async () => {
    const group = await fixtureGroup({ end: 'ignore' }, emptyJournal(), 60_000)
    group.kill()
    expect(await group.end()).toMatchObject({ by: 'SIGTERM' })
  })

  test('skips the gentle step of an end under way when it is killed', async () => {
    const group = await fixtureGroup({ end: 'ignore' }, emptyJournal(), 60_000)
    const ended = group.end()
    group.kill()
    expect(await ended).toMatchObject({ by: 'SIGTERM' })
  })

  test('ends once, however often it is asked', async () => {
    const group = await fixtureGroup({}, emptyJournal(), 5_000)
    expect(group.end()).toBe(group.end())
    await group.end()
  })

  test('reports an exit of its own', async () => {
    const group = await startedGroup(shell('exit 4'))
    expect(await group.exited).toEqual({ exitCode: 4 })
    expect(await group.end()).toEqual({ by: 'exited', exitCode: 4 })
  })

  test('T9 ends fifty lawful servers side by side', async () => {
    const groups = await Promise.all(Array.from({ length: 50 }, () => startedGroup(shell('cat'), 10_000)))
    const reports = await Promise.all(groups.map((group) => group.end()))
    expect(new Set(reports.map(({ by }) => by))).toEqual(new Set(['stdin']))
  })
})

describe('what descends from a server', () => {
  test.each(['group', 'stubborn', 'holds-pipes', 'own-session', 'double-fork', 'zombie'])(
    'T7 no child is left when `end` resolves: %s',
    async (kind) => {
      const journal = emptyJournal()
      const group = await fixtureGroup({ children: kind }, journal)
      expect(journal.children().filter(isRunning)).toHaveLength(1)
      await group.end()
      expect(journal.children().filter(isRunning)).toEqual([])
      expect(livingGroups()).not.toContain(group)
    },
  )

  test.each(['group', 'stubborn', 'own-session', 'double-fork'])(
    'nor when the server had died before: %s',
    async (kind) => {
      const journal = emptyJournal()
      const group = await fixtureGroup({ children: kind, term: 'ignore', end: 'ignore' }, journal)
      process.kill(group.pid, 'SIGKILL')
      await group.exited
      expect(journal.children().filter(isRunning)).toHaveLength(1)
      await group.end()
      expect(journal.children().filter(isRunning)).toEqual([])
    },
  )

  test('S62 ends the server behind a wrapper', async () => {
    const journal = emptyJournal()
    const { env } = stdioEndpoint({ end: 'ignore', term: 'ignore' }, journal)
    const wrapper = shell(`"${process.execPath}" "${fixturePath}"; true`)
    const group = await startedGroup({ ...wrapper, env: { ...env } })
    await until(() => journal.lines().length > 0)
    await group.end()
    expect(
      journal
        .lines()
        .map(({ pid }) => pid)
        .filter(isRunning),
    ).toEqual([])
  })

  test('S59 sees the exit at once although a child holds the pipes', async () => {
    const group = await startedGroup(shell('sleep 1000 & exit 3'))
    expect(await group.exited).toEqual({ exitCode: 3 })
    expect(await group.end()).toMatchObject({ by: 'SIGTERM', exitCode: 3 })
  })

  test('S61 leaves no zombie of ours', async () => {
    const group = await startedGroup(shell('cat'), 5_000)
    await group.end()
    expect(() => process.kill(group.pid, 0)).toThrow('ESRCH')
  })
})

test('knows its living groups', async () => {
  const group = await startedGroup(shell('cat'), 5_000)
  expect(livingGroups()).toContain(group)
  await group.end()
  expect(livingGroups()).not.toContain(group)
})

test('P02 a signal to all living groups ends them at once', async () => {
  const group = await startedGroup(shell('trap "" TERM; cat; sleep 1000'))
  for (const living of livingGroups()) living.signal('SIGKILL')
  expect(await group.exited).toEqual({ signal: 'SIGKILL' })
})
