import { expect, test } from 'vitest'
import { httpServer, supervise, textOf } from '../support/fixture-servers.js'

test('a secret that was rotated reconnects the server whose headers hold it at the next reload, and no other', async () => {
  const env = { KEY: 'first-key', OTHER: 'other-key' }
  const [one, two] = [
    await httpServer({}, {}, { 'x-key': '${KEY}', authorization: 'Bearer ${KEY}' }),
    await httpServer({}, {}, { 'x-key': '${OTHER}' }),
  ]
  const config = { mcpServers: { one: one.entry, two: two.entry } }
  const supervisor = supervise(config.mcpServers, { env })
  const sent = async (name: string) => JSON.parse(textOf(await supervisor.callTool(name, 'headers'))) as object
  expect(await sent('one')).toMatchObject({ 'x-key': 'first-key', authorization: 'Bearer first-key' })
  expect(await sent('two')).toMatchObject({ 'x-key': 'other-key' })
  expect(await supervisor.reload(config)).toMatchObject({ ok: true, updated: [], unchanged: ['one', 'two'] })
  env.KEY = 'second-key'
  expect(await supervisor.reload(config)).toMatchObject({ ok: true, updated: ['one'], unchanged: ['two'] })
  expect(await sent('one')).toMatchObject({ 'x-key': 'second-key', authorization: 'Bearer second-key' })
  await sent('two')
  expect(supervisor.statuses().map(({ generation }) => generation)).toEqual([2, 1])
  expect(two.fixture.journal.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1)
})
