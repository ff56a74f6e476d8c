import { expect, test } from 'vitest'

import { plantedSupervisor, provoke } from '../inspect/planted.js'
import { stdioSurface } from '../protocol/surfaces.js'
import { canaries, found, seen } from '../support/fault-canaries.js'
import { supervise } from '../support/fixture-servers.js'
import { given, secretEnv } from '../support/planted-entries.js'
import { errorOf } from '../support/rejection.js'
import { collect } from './collected.js'

const instruments = [
  'mcp.client.operation.duration',
  'mcp.client.session.duration',
  'mcpvisor.queue.duration',
  'mcpvisor.connect.duration',
]

test('no span and no measurement holds a secret, whatever the servers betray', async () => {
  const { telemetry, spans, points } = collect()
  const supervisor = await plantedSupervisor({ telemetry })
  await provoke(supervisor)
  const { userinfo, query, token } = canaries
  await supervisor.close()
  const surface = supervise({ surface: stdioSurface('both', { env: secretEnv }) }, { telemetry, ...given })
  await errorOf(surface.readResource('surface', `db://user:${userinfo}@host/table?key=${query}#${token}`))
  await surface.close()

  const names = new Set(spans().map(({ name }) => name))
  expect([...names]).toEqual(
    expect.arrayContaining(['tools/call echo', 'tools/call add', 'connect rude', 'initialize', 'resources/read']),
  )
  const read = spans().find(({ name }) => name === 'resources/read')
  expect(read?.attributes['mcp.resource.uri']).toBe('db://host/table')
  const shown = spans().map(({ name, attributes, status, events, links }) => ({
    name,
    attributes,
    status,
    events,
    links,
  }))
  const measured = await Promise.all(instruments.map(points))
  expect(measured.every((each) => each.length > 0)).toBe(true)
  expect(found(seen([shown, measured]))).toEqual([])
})
