import { createWebSocketReceiver } from '@statelyai/inspect'
import { expect, test } from 'vitest'

import { createRecorder, openInspector } from '../../src/inspect/index.js'
import { found } from '../support/fault-canaries.js'
import { until } from '../support/fixture-servers.js'
import { plantedSupervisor, provoke } from './planted.js'

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
    const charts = [...actors.values()].filter(({ name }) => name.startsWith('server:'))
    for (const { definition, sessionId } of charts) {
      const chart = JSON.parse(definition) as { id: string; states: Record<string, { states?: object }> }
      expect(chart.id).toBe('server')
      expect(Object.keys(chart.states)).toEqual(
        expect.arrayContaining(['idle', 'live', 'retrying', 'failed', 'closed']),
      )
      expect(Object.keys(chart.states['live']?.states ?? {})).toEqual(['connecting', 'waiting', 'ready', 'closing'])
      const values = messages
        .filter((one) => one.sessionId === sessionId)
        .flatMap(({ snapshot }) => snapshot?.value ?? [])
      for (const value of values) expect(leadsSomewhere(chart, value)).toBe(true)
      expect(values.length).toBeGreaterThan(0)
    }
  }
  const text = JSON.stringify([early, late])
  expect(text.includes('HANDSHAKE_FAILED')).toBe(true)
  expect(found(text)).toEqual([])
  await supervisor.close()
  await until(() => early.some((one) => one.type === '@xstate.snapshot' && one.snapshot?.value === 'closed'))
})

function receive(server = ''): Message[] {
  const messages: Message[] = []
  createWebSocketReceiver({ server }).subscribe((message) => void messages.push(message as unknown as Message))
  return messages
}

/** Whether a state value names states of the chart. */
function leadsSomewhere(chart: { states?: Record<string, object> }, value: unknown): boolean {
  if (typeof value === 'string') return value in (chart.states ?? {})
  return Object.entries(value as object).every(([key, inner]) => {
    const node = chart.states?.[key] as { states?: Record<string, object> } | undefined
    return node !== undefined && leadsSomewhere(node, inner)
  })
}
