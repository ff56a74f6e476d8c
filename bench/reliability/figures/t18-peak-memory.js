import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { faulty, startHttpProgram } from '../fixtures.js'
import { median } from '../statistics.js'

const targetMiB = 40
const hosts = 3
const host = fileURLToPath(new URL('../memory-host.js', import.meta.url))
const run = promisify(execFile)
const policy = { callTimeoutMs: 3_000, minTimeoutMs: 50 }

/**
 * How far the memory of a fresh host rises when its server pours more than the limit of 10 MiB: the median of some hosts,
 * for when garbage is collected is chance.
 */
export async function peakMemory() {
  const pours = [
    { what: '50 MB line', added: await overStdio({ 'tools/call:echo': 'huge' }) },
    { what: '100 MB stderr', added: await overStdio({ stderr: { mode: 'flood', bytes: 100e6 } }) },
    { what: '300 MB gzip', added: await overHttp({ echo: { do: 'gzip-bomb', bytes: 300 * 2 ** 20 } }) },
    { what: '50 MB event', added: await overHttp({ echo: { do: 'giant-event', bytes: 50 * 2 ** 20 } }) },
  ]
  const most = Math.max(...pours.map(({ added }) => added))
  return {
    id: 'T18',
    what: 'peak memory under a 50 MB line, 100 MB stderr, 300 MB gzip, a 50 MB event',
    target: `<= +${targetMiB} MiB`,
    measured: pours.map(({ added }) => `+${added.toFixed(0)}`).join(', ') + ' MiB',
    ok: most <= targetMiB,
  }
}

const overStdio = (faults) => risesBy(faulty(faults, { supervisor: policy }))

async function overHttp(faults) {
  const server = await startHttpProgram(faults)
  const added = await risesBy({ url: server.url, supervisor: policy })
  await server.close()
  return added
}

async function risesBy(entry) {
  const rises = []
  for (let n = 0; n < hosts; n++) {
    const { stdout } = await run(process.execPath, [host, JSON.stringify(entry)])
    const { before, peak } = JSON.parse(stdout)
    rises.push((peak - before) / 1024)
  }
  return median(rises)
}
