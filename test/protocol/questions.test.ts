import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { Handlers } from '../../src/index.js'
import { supervise, textOf, until } from '../support/fixture-servers.js'
import { startHttpV1 } from './servers/http-v1.mjs'
import { stdioSurface } from './surfaces.js'

const program = fileURLToPath(new URL('servers/stdio-v1.mjs', import.meta.url))

const ways = [
  { way: 'over stdio', entry: async () => ({ command: process.execPath, args: [program] }) },
  {
    way: 'over HTTP',
    async entry() {
      const server = await startHttpV1()
      onTestFinished(() => server.close())
      return { url: server.url }
    },
  },
]

describe.each(ways)('a question of a server, $way,', ({ entry }) => {
  it('is told how far its answer is, as long as it waits for it', async () => {
    const handlers: Handlers = {
      sampling: async ({ messages }, { progress }) => {
        progress({ progress: 1, total: 2, message: 'reading' })
        progress({ progress: 2, total: 2, message: 'writing' })
        await new Promise((resolve) => setTimeout(resolve, 50))
        setTimeout(() => progress({ progress: 3, total: 2, message: 'too late' }), 10)
        return { role: 'assistant', model: 'm', content: { type: 'text', text: `${messages.length} thought` } }
      },
    }
    const violations: unknown[] = []
    const supervisor = supervise({ server: await entry() }, { handlers })
    supervisor.on('protocol.violated', (event) => violations.push(event))
    const result = await supervisor.callTool('server', 'study', { name: 'Anna' })
    expect(textOf(result)).toBe('1/2 reading,2/2 writing,1 thought')
    await supervisor.ping('server')
    expect(violations).toEqual([])
  })

  it('that did not ask for progress is not told any', async () => {
    const handlers: Handlers = {
      elicitation: (_, { progress }) => {
        progress({ progress: 1 })
        return { action: 'accept', content: { colour: 'red' } }
      },
    }
    const supervisor = supervise({ server: await entry() }, { handlers })
    expect(textOf(await supervisor.callTool('server', 'colour', { name: 'Anna' }))).toBe('Anna: red')
  })

  it('that is withdrawn ends the work of the handler, and what it still says goes nowhere', async () => {
    const signals: AbortSignal[] = []
    const handlers: Handlers = {
      elicitation: async (_, { signal, progress }) => {
        signals.push(signal)
        progress({ progress: 1 })
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { action: 'accept', content: {} }
      },
    }
    const supervisor = supervise({ server: await entry() }, { handlers })
    expect(textOf(await supervisor.callTool('server', 'withdraw', { name: 'Anna' }))).toBe('withdrawn')
    await until(() => signals[0]?.aborted === true)
    expect(supervisor.status('server')).toMatchObject({ connected: true, inFlight: 0 })
  })
})

it('a question of 2026-07-28 waits in its call: progress of its answer goes nowhere, and harms nothing', async () => {
  const handlers: Handlers = {
    sampling: (_, { progress }) => {
      progress({ progress: 1 })
      return { role: 'assistant', model: 'm', content: { type: 'text', text: 'thought' } }
    },
  }
  const supervisor = supervise({ server: stdioSurface('modern').entry }, { handlers })
  expect(textOf(await supervisor.callTool('server', 'think', { about: 'that' }))).toBe('thought')
})
