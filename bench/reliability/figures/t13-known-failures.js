import { createSupervisor } from 'mcpvisor'

import { createJournal, faulty } from '../fixtures.js'
import { startHttpServer } from '../../../test/fixtures/servers/http.mjs'

const targetMs = 100
const policy = { callTimeoutMs: 3_000, minTimeoutMs: 10, shutdownTimeoutMs: 500 }
/** Rows of the fault matrix in which a call cannot succeed any more, as a fault of the call. */
const overStdio = {
  S07: { mode: 'signal' },
  S17: 'close-stdout',
  S21: 'exit',
  S22: 'exit-after',
  S36: 'half',
  S39: { mode: 'raw', line: '{"jsonrpc":"2.0","id":$ID,"result":42}' },
  S59: 'exit-held',
}
const overHttp = {
  H04: { do: 'status', status: 410 },
  H06: { do: 'status', status: 500 },
  H08: 'reset',
  H09: 'cut-body',
  H12: { do: 'body', type: 'text/html', body: '<h1>Log in</h1>' },
  H13: { do: 'body', type: 'application/json', body: '{' },
  H14: 'accepted',
  H23: 'end-stream',
}

/** From the moment the server has a call that it will fail to the rejection of that call. */
export async function knownFailures() {
  const rows = []
  for (const [row, fault] of Object.entries(overStdio)) rows.push({ row, ms: await throughProcess(fault) })
  for (const [row, fault] of Object.entries(overHttp)) rows.push({ row, ms: await throughHttp(fault) })
  const slowest = rows.toSorted((a, b) => b.ms - a.ms)[0]
  return {
    id: 'T13',
    what: 'known failure to rejection, slowest of the rows',
    target: `<= ${targetMs} ms`,
    measured: `${slowest.ms.toFixed(0)} ms (${slowest.row} of ${rows.length} rows)`,
    ok: slowest.ms <= targetMs,
  }
}

async function throughProcess(fault) {
  const journal = createJournal()
  const entry = faulty({ 'tools/call:echo': fault }, { env: { JOURNAL: journal.path }, supervisor: policy })
  const rejectedAt = await rejectionOf(entry)
  const { at } = journal.of('received').find(({ method }) => method === 'tools/call')
  return rejectedAt - at
}

async function throughHttp(fault) {
  const server = await startHttpServer({ echo: fault })
  const rejectedAt = await rejectionOf({ url: server.url, supervisor: policy })
  const { at } = server.requests('POST').find(({ message }) => message?.method === 'tools/call')
  await server.close()
  return rejectedAt - (performance.timeOrigin + at)
}

async function rejectionOf(entry) {
  const supervisor = createSupervisor({ mcpServers: { failing: entry } })
  await supervisor.connect('failing')
  const failure = await supervisor.callTool('failing', 'echo', { text: 'x' }).then(() => undefined, (error) => error)
  const rejectedAt = performance.timeOrigin + performance.now()
  await supervisor.close()
  if (!failure) throw new Error('a call that cannot succeed must be rejected')
  return rejectedAt
}
