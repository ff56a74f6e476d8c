import { expect, test } from 'vitest'

import { createRecorder } from '../../src/inspect/index.js'
import { overviewOf, serverView } from '../../src/inspect/views.js'
import { stdioServer, supervise } from '../support/fixture-servers.js'

test('a server is told with its leases', async () => {
  const recorder = createRecorder()
  const supervisor = supervise({ files: stdioServer(), other: stdioServer() }, { inspect: recorder.inspect })
  await using lease = supervisor.lease('files')
  await lease.callTool('echo', { text: 'x' })

  const { actors } = overviewOf(supervisor, recorder)
  const named = actors.filter(({ server }) => server === 'files').map(({ name, state }) => [name, state])
  expect(named).toEqual([
    ['server:files', 'idle'],
    ['lease:1', 'ready'],
  ])
  const { story, visited } = serverView('files', supervisor, recorder)
  expect(story).toContainEqual({ kind: 'state', of: 'lease:files', state: 'ready' })
  const call = { kind: 'message', from: 'lease:files', to: 'connection of files', label: 'call', times: 1 }
  expect(story).toContainEqual(call)
  expect(visited.at(-1)).toBe('idle')
  expect(serverView('other', supervisor, recorder).story).not.toContainEqual(call)
})
