import { pino } from 'pino'
import { expect, test } from 'vitest'

import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

interface LogRecord {
  readonly level: number
  readonly event?: string
  readonly server?: string
  readonly to?: string
  readonly line?: string
  readonly msg: string
  readonly [key: string]: unknown
}

/** A logger whose records are kept. */
function keptRecords(level = 'trace') {
  const records: LogRecord[] = []
  const logger = pino({ level }, { write: (line: string) => void records.push(JSON.parse(line) as LogRecord) })
  return { logger, of: (event: string) => records.filter((record) => record.event === event) }
}

test('one record tells each transition, at the level of its weight', async () => {
  const { logger, of } = keptRecords()
  const files = stdioServer({ start: { mode: 'exit', code: 3, first: 1 } })
  const supervisor = supervise({ files, none: { command: 'no-such-command' } }, { logger })
  const entered: string[] = []
  supervisor.on('state.changed', ({ server, to }) => void entered.push(`${server} ${to}`))
  await Promise.all([supervisor.connect('files'), errorOf(supervisor.connect('none'))])
  await supervisor.close()

  const records = of('state.changed')
  expect(records.map(({ server, to }) => `${server} ${to}`)).toEqual(entered)
  const levels = new Map(records.map(({ to, level }) => [to, level]))
  expect(Object.fromEntries(levels)).toMatchObject({ ready: 30, connecting: 30, retrying: 40, failed: 50 })
})

test('one record tells each call that fails, and what of it; never with what it was called', async () => {
  const { logger, of } = keptRecords()
  const supervisor = supervise({ files: stdioServer() }, { logger })
  await supervisor.callTool('files', 'echo', { text: 'hush' })
  await errorOf(supervisor.callTool('files', 'rpc-error', { text: 'hush' }))
  await errorOf(supervisor.callTool('files', 'sleep', { ms: 60_000 }, { timeoutMs: 20 }))

  const failed = of('call.settled').filter(({ level }) => level === 40)
  expect(failed).toMatchObject([
    { server: 'files', tool: 'rpc-error', failure: { code: 'MCP_ERROR', delivered: 'yes' } },
    { server: 'files', tool: 'sleep', failure: { code: 'CALL_TIMEOUT', delivered: 'maybe' } },
  ])
  expect(of('call.settled').filter(({ level }) => level === 20)).toHaveLength(1)
  expect(JSON.stringify(of('call.settled'))).not.toContain('hush')
})

test('S53: of a flood of stderr some lines a second are records, and the number of the others is told in time', async () => {
  const { logger, of } = keptRecords()
  const count = 3_000
  const text = Array.from({ length: count }, (_, n) => `${n}\n`).join('')
  const supervisor = supervise({ files: stdioServer({ stderr: { mode: 'text', text } }) }, { logger })
  await supervisor.connect('files')
  const lines = () => of('stderr.written').map(({ line = '' }) => line)
  // The server is silent from now on, and lives.
  const leftOut = () => lines().reduce((sum, line) => sum + Number(/^\((\d+) lines/.exec(line)?.[1] ?? 0), 0)
  const told = () => lines().filter((line) => /^\d+$/.test(line)).length
  await until(() => told() + leftOut() === count)
  expect(leftOut()).toBeGreaterThan(0)
  expect(supervisor.status('files').state).toBe('ready')
})

test('a call that is answered and a line of stderr are no record at the level of most hosts', async () => {
  const { logger, of } = keptRecords('info')
  const files = stdioServer({ stderr: { mode: 'text', text: 'hello\n' } })
  const supervisor = supervise({ files }, { logger })
  await supervisor.callTool('files', 'echo', { text: 'x' })
  await supervisor.close()
  expect([...of('call.settled'), ...of('stderr.written')]).toEqual([])
})
