import { createInspector, createWebSocketReceiver } from '@statelyai/inspect'
import { expect, test } from 'vitest'
import { type AnyStateMachine, type MachineConfig, type StateValue, createMachine } from 'xstate'

import { createRecorder, openInspector, serialize } from '../../src/inspect/index.js'
import { arrowsOf } from '../../src/machines/index.js'
import { found } from '../support/fault-canaries.js'
import { until } from '../support/fixture-servers.js'
import { createServerBench } from '../support/server-bench.js'
import { createSupervisorBench } from '../support/supervisor-bench.js'
import { plantedSupervisor, provoke } from './planted.js'

/** The machines that a receiver should know from their messages. */
const originals: Readonly<Record<string, AnyStateMachine>> = {
  server: createServerBench().machine,
  supervisor: createSupervisorBench().root.logic,
}

interface Message {
  readonly type: string
  readonly sessionId: string
  readonly name: string
  readonly parentId?: string
  readonly definition: string
  readonly snapshot?: { readonly value?: unknown }
}

test('the receiver of the Stately inspector rebuilds the tree and each statechart; no message holds a secret', async () => {
  const recorder = createRecorder()
  const supervisor = await plantedSupervisor({ inspect: recorder.inspect })
  // One listens from the start, one comes late.
  const inspector = await openInspector(supervisor, { recorder })
  const early = receive(inspector.socketUrl)
  await until(() => early.length > 0)
  await provoke(supervisor)
  await until(() => recorder.actors().some(({ birth }) => birth.name === 'connection'))
  const late = receive(inspector.socketUrl)
  await until(() => late.filter(({ type }) => type === '@xstate.actor').length === recorder.actors().length)

  for (const messages of [early, late]) {
    const actors = new Map(messages.flatMap((one) => (one.type === '@xstate.actor' ? [[one.sessionId, one]] : [])))
    const pathOf = ({ name, parentId }: Message): string => {
      const parent = actors.get(parentId ?? '')
      return parent ? `${pathOf(parent)} > ${name}` : name
    }
    const paths = [...actors.values()].map(pathOf)
    expect(paths).toEqual(
      expect.arrayContaining([
        'supervisor',
        ...['chatty', 'rude', 'web'].map((name) => `supervisor > server:${name}`),
        'supervisor > server:web > connection',
      ]),
    )
    for (const { name, definition, sessionId } of actors.values()) {
      const original = originals[name.split(':')[0] ?? '']
      if (!original) continue
      const chart = createMachine(JSON.parse(definition) as MachineConfig<object, { type: string }>)
      expect(arrowsOf(chart)).toEqual(arrowsOf(original))
      const values = messages
        .filter((one) => one.sessionId === sessionId)
        .flatMap(({ snapshot }) => snapshot?.value ?? [])
      // Throws for what is no state of the chart.
      for (const value of values) chart.resolveState({ value: value as StateValue, context: {} })
      expect(values.length).toBeGreaterThan(0)
    }
  }
  const text = JSON.stringify([early, late])
  expect(text.includes('HANDSHAKE_FAILED')).toBe(true)
  expect(found(text)).toEqual([])
  await supervisor.close()
  await until(() => early.some((one) => one.type === '@xstate.snapshot' && one.snapshot?.value === 'closed'))
})

test('an inspector of their own tells nothing secret and nothing else, given our allow-list', async () => {
  const sent: object[] = []
  const { inspect } = createInspector({ send: (message) => void sent.push(message) }, { serialize })
  const supervisor = await plantedSupervisor({ inspect })
  await provoke(supervisor)
  await supervisor.close()
  // Its messages are made later than what they tell.
  await until(() => JSON.stringify(sent).includes('"snapshot":{"status":"done","value":"closed"'))
  const text = JSON.stringify(sent)
  for (const said of ['"name":"server:chatty"', '"value":{"live":"ready"}', '"code":"HANDSHAKE_FAILED"'])
    expect([said, text.includes(said)]).toEqual([said, true])
  expect(text).not.toMatch(/"(input|output|queue|entry|policy|message)":/)
  expect(found(text)).toEqual([])
})

function receive(server = ''): Message[] {
  const messages: Message[] = []
  createWebSocketReceiver({ server }).subscribe((message) => void messages.push(message as unknown as Message))
  return messages
}
