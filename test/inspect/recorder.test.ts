import { expect, test } from 'vitest'

import { createRecorder, project, serialize, toSequence } from '../../src/inspect/index.js'
import { found } from '../support/fault-canaries.js'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { plantedSupervisor, provoke } from './planted.js'

test('records the tree and its life, and nothing secret of twelve planted secrets', async () => {
  const recorder = createRecorder()
  const supervisor = await plantedSupervisor({ inspect: recorder.inspect })
  recorder.follow(supervisor)
  await provoke(supervisor)
  const names = recorder.actors().map(({ birth }) => birth.name)
  expect(names).toEqual(expect.arrayContaining(['supervisor', 'server:chatty', 'server:rude', 'server:web']))
  await supervisor.close()

  const records = recorder.records()
  const kinds = new Set(records.map(({ type }) => type))
  expect(kinds).toEqual(new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot', 'outcome']))
  expect(JSON.stringify(records)).toContain('MCP_ERROR')
  expect(found(JSON.stringify(records))).toEqual([])
  expect(recorder.actors()).toEqual([])
})

test('remembers the last records only, and who lives whatever was forgotten', async () => {
  const recorder = createRecorder({ limit: 50 })
  const supervisor = supervise({ files: stdioServer() }, { inspect: recorder.inspect })
  for (let n = 0; n < 60; n++) await supervisor.callTool('files', 'echo', { text: 'x' })
  const records = recorder.records()
  expect(records).toHaveLength(50)
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, n) => (records[0]?.seq ?? 0) + n))
  expect(records.some(({ type }) => type === '@xstate.actor')).toBe(false)
  expect(recorder.actors().map(({ birth, now }) => [birth.name, now?.snapshot.value])).toEqual([
    ['supervisor', 'running'],
    ['server:files', { live: 'ready' }],
    ['connection', undefined],
  ])
})

test.each([0, -1, 1.5, Number.NaN, '9' as never])('refuses to remember %s records', (limit) => {
  expect(() => createRecorder({ limit })).toThrow(/"limit" of a recorder must be a whole number > 0, got/)
})

test('tells subscribers each record once, until they leave', async () => {
  const recorder = createRecorder()
  const supervisor = supervise({ files: stdioServer() }, { inspect: recorder.inspect })
  const heard: number[] = []
  const leave = recorder.subscribe(({ seq }) => void heard.push(seq))
  await supervisor.connect('files')
  leave()
  const count = heard.length
  await supervisor.callTool('files', 'echo', { text: 'x' })
  expect(heard).toHaveLength(count)
  expect(new Set(heard).size).toBe(count)
  expect(count).toBeGreaterThan(5)
})

test('a state stands before what is sent in it', async () => {
  const recorder = createRecorder()
  const supervisor = supervise({ files: stdioServer() }, { inspect: recorder.inspect })
  await supervisor.callTool('files', 'echo', { text: 'x' })
  await until(() => recorder.records().length > 0)
  const steps = toSequence(recorder.records()).map((step) =>
    step.kind === 'state' ? `${step.of} is ${step.state}` : `${step.from} > ${step.to}: ${step.label}`,
  )
  const [up, ready, call] = [
    'connection of files > server:files: connection.up',
    'server:files is ready',
    'server:files > connection of files: call',
  ].map((line) => steps.indexOf(line))
  expect([up, ready, call]).toEqual([up, (up ?? 0) + 1, (up ?? 0) + 2])
})

test('knows no other field than those it lists, whatever an event or a snapshot holds', () => {
  const actorRef = { sessionId: 'x:1', send: () => {}, getSnapshot: () => ({}) } as never
  const hush = { password: 'hush', nested: { token: 'hush' } }
  const event = {
    type: 'call',
    callId: 7,
    tools: 'hush',
    ...hush,
    failure: { code: 'MCP_ERROR', message: 'hush', ...hush },
  }
  expect(project({ type: '@xstate.event', rootId: 'x:0', actorRef, sourceRef: undefined, event })).toMatchObject({
    event: { type: 'call', callId: 7, failure: { code: 'MCP_ERROR' } },
  })
  const snapshot = {
    ...{ status: 'active', value: 'ready', output: 'hush', input: hush, error: hush, tags: new Set(['a']) },
    context: { name: 'files', attempt: 2, error: { code: 'CALL_TIMEOUT', message: 'hush' }, ...hush },
    children: { connection: hush },
  }
  const records = [
    project({ type: '@xstate.event', rootId: 'x:0', actorRef, sourceRef: undefined, event }),
    project({ type: '@xstate.snapshot', rootId: 'x:0', actorRef, event, snapshot: snapshot as never }),
    serialize({ type: '@xstate.snapshot', snapshot, event, extra: 'hush' }),
  ]
  expect(JSON.stringify(records)).not.toContain('hush')
  expect(records[1]).toMatchObject({
    snapshot: {
      value: 'ready',
      tags: ['a'],
      context: { name: 'files', attempt: 2, error: { code: 'CALL_TIMEOUT' } },
      children: { connection: {} },
    },
  })
})
