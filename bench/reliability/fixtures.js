/** The servers that the figures are measured on: lawful ones, and the misbehaving ones of the tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const stdioPath = pathOf('../../test/fixtures/servers/stdio.mjs')
const httpPath = pathOf('../../test/fixtures/servers/http.mjs')

/** The leanest lawful server. */
export const echo = (supervisor = {}, env = {}) => ({
  command: process.execPath,
  args: [pathOf('../echo-server.js')],
  env,
  supervisor,
})

/** A stdio server with these faults: see test/fixtures/servers/README.md. */
export const faulty = (faults, { supervisor = {}, env = {}, args = [] } = {}) => ({
  command: process.execPath,
  args: [stdioPath, JSON.stringify(faults), ...args],
  env,
  supervisor,
})

/** The same server behind a shell that waits for it. */
export const wrapped = (faults, { supervisor = {}, env = {} } = {}) => ({
  command: 'sh',
  args: ['-c', '"$0" "$@"; true', process.execPath, stdioPath, JSON.stringify(faults)],
  env,
  supervisor,
})

/** An HTTP server in a process of its own, with these faults: see README-http.md there. */
export async function startHttpProgram(faults = {}) {
  const child = spawn(process.execPath, [httpPath], {
    env: { ...process.env, FAULT: JSON.stringify(faults), PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const exited = once(child, 'exit')
  return {
    url: JSON.parse(line).url,
    async close() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

let folder
let journals = 0

/** Made for the first journal, gone with the process. */
function journalFolder() {
  if (folder) return folder
  folder = mkdtempSync(join(tmpdir(), 'mcpvisor-reliability-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A file in which a stdio fixture notes what happened: give its path as JOURNAL. */
export function createJournal() {
  const path = join(journalFolder(), String(++journals))
  writeFileSync(path, '')
  const lines = () =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  return { path, lines, of: (event) => lines().filter((line) => line.event === event) }
}
