/**
 * The bed of real servers: installs each beside the other artefacts, uses it through the public API and closes it. Prints
 * one table, and exits with 1 when a server could not be used or something is left of it. Linux only.
 *
 *     npm run bed -- [--only sqlite] [--write]
 *
 * `--write` puts the table into docs/real-servers.md. CHROMIUM may hold the path of a browser.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { echo } from '../reliability/fixtures.js'
import { install } from './install.js'
import { live } from './life.js'
import { head, rowOf } from './row.js'
import { serve } from './served.js'
import { serversOf } from './servers.js'

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, write: { type: 'boolean' } } })
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
)
const scratch = mkdtempSync(join(tmpdir(), 'mcpvisor-bed-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
writeFileSync(join(scratch, 'note.txt'), 'kept')

// What the first server of a process costs: its guard, which stays as long as we do, and all that is loaded on first use.
await live({ call: ['echo', {}] }, echo())

const rows = []
for (const server of serversOf({ scratch, chromium })) {
  if (!server.package.includes(values.only)) continue
  const program = await install(server.package)
  for (const way of server.ways ?? [{}]) {
    const row = rowOf(server, way, await (way.form ? liveServed : liveHere)(server, way, program))
    rows.push(row)
    console.log(row.line)
    for (const fault of row.faults) console.log(`  WRONG: ${fault}`)
  }
}
if (values.write) write(rows.map(({ line }) => line))
if (rows.length === 0 || rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1

function liveHere(server, { era = 'auto' }, program) {
  const { args = [], env = {}, hangsWithout } = server
  return live(server, {
    command: process.execPath,
    args: [program, ...args],
    env: { HOME: scratch, ...env },
    cwd: scratch,
    protocolEra: era,
    supervisor: { retries: 0, connectTimeoutMs: hangsWithout ? 5_000 : 60_000 },
  })
}

async function liveServed(server, { form, path }, program) {
  const { url, stop } = await serve(program, form, path)
  try {
    return await live(server, { url })
  } finally {
    await stop()
  }
}

function write(lines) {
  const path = new URL('../../docs/real-servers.md', import.meta.url)
  const [before, after] = readFileSync(path, 'utf8').split(/(?<=<!-- npm run bed -->\n)[^]*(?=<!-- end -->)/)
  const machine = `Node ${process.version}, ${process.platform}, ${cpus().length} x ${cpus()[0].model}`
  writeFileSync(path, `${before}\n${machine}\n\n${head}\n${lines.join('\n')}\n\n${after}`)
}
