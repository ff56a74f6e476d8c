import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { echo, faulty, startHttpProgram } from '../fixtures.js'
import { percentile } from '../statistics.js'

const observedMs = 2_000
const paceMs = 4
const policy = { callTimeoutMs: 1_000, connectTimeoutMs: 5_000, minTimeoutMs: 50, shutdownTimeoutMs: 200 }

const processFaults = {
  S05: { start: { mode: 'exit' } },
  S19: { background: 'burn' },
  S31: { stdout: { mode: 'noise-flood', lines: 1_000_000 } },
  S33: { 'tools/call:echo': 'huge' },
  S34: { 'tools/call:echo': 'endless' },
  S35: { 'tools/call:echo': { mode: 'huge', bytes: 5e6 } },
  S49: { tools: { mode: 'many', count: 10_000 } },
  S50: { background: { mode: 'flood', kind: 'list-changed' } },
  S51: { background: { mode: 'flood', kind: 'notification' } },
  'S51 requests': { background: { mode: 'flood', kind: 'request' } },
  S52: { stderr: { mode: 'flood', bytes: 100e6 } },
}
const httpFaults = {
  H11: { echo: { do: 'gzip-bomb', bytes: 300 * 2 ** 20 } },
  H24: { echo: { do: 'polled', retry: 0 }, resume: 'end-stream' },
  H26: { echo: { do: 'giant-event', bytes: 50 * 2 ** 20 } },
}

/** What the loudest faults of one server do to the calls of a healthy one beside it. */
export async function neighbours() {
  const idle = await beside(echo())
  const rows = []
  for (const [row, faults] of Object.entries(processFaults)) rows.push({ row, ...(await beside(faulty(faults, { supervisor: policy }))) })
  for (const [row, faults] of Object.entries(httpFaults)) {
    const server = await startHttpProgram(faults)
    rows.push({ row, ...(await beside({ url: server.url, supervisor: policy })) })
    await server.close()
  }
  const worst = rows.toSorted((a, b) => b.p99 - a.p99)[0]
  const stalled = rows.toSorted((a, b) => b.stall - a.stall)[0]
  const added = worst.p99 - idle.p99
  const errors = rows.reduce((sum, row) => sum + row.errors, 0)
  return {
    id: 'T14',
    what: 'a healthy server beside a faulty one: p99 added, longest stall, errors',
    target: '<= 10 ms, <= 100 ms, 0',
    measured: `${added.toFixed(1)} ms (${worst.row}), ${stalled.stall.toFixed(0)} ms (${stalled.row}), ${errors} (${rows.length} faults)`,
    ok: added <= 10 && stalled.stall <= 100 && errors === 0,
    details: rows.map(({ row, p99, stall, errors: failed }) => `${row}: p99 ${p99.toFixed(1)} ms, stall ${stall.toFixed(0)} ms, ${failed} errors`),
  }
}

async function beside(entry) {
  const supervisor = createSupervisor({ mcpServers: { healthy: echo(), faulty: entry } })
  await supervisor.connect('healthy')
  for (let n = 0; n < 200; n++) await supervisor.callTool('healthy', 'echo', { text: 'x' })
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const end = performance.now() + observedMs
  const isOver = () => performance.now() >= end
  const trouble = keepCalling(supervisor, isOver)
  const { times, errors } = await callSteadily(supervisor, isOver)
  loop.disable()
  await supervisor.close()
  await trouble
  return { p99: percentile(times, 99), stall: loop.max / 1e6, errors }
}

async function callSteadily(supervisor, isOver) {
  const times = []
  let errors = 0
  while (!isOver()) {
    const startedAt = performance.now()
    await supervisor.callTool('healthy', 'echo', { text: 'x' }).catch(() => errors++)
    times.push(performance.now() - startedAt)
    await sleep(paceMs)
  }
  return { times, errors }
}

async function keepCalling(supervisor, isOver) {
  while (!isOver()) {
    await supervisor.callTool('faulty', 'echo', { text: 'x' }).catch(() => {}) // Failing is what it is here for.
    await sleep(20)
  }
}
