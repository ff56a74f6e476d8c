/**
 * The main job of mcpvisor on real servers: connect, call, survive a kill, follow a changed configuration, close.
 *
 *     npm start                      three servers from npm and a broken entry, see mcp.json beside this file
 *     npm start -- path/to/mcp.json  your own file: states and tool counts; calls nothing, kills nothing
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createSupervisor } from 'mcpvisor'
import { loadConfigFile } from 'mcpvisor/config'

import { tellStory } from './live-table.js'

const ownFile = process.argv[2]
const configPath = ownFile ? resolve(ownFile) : fileURLToPath(new URL('mcp.json', import.meta.url))
const scratch = await mkdtemp(join(tmpdir(), 'mcpvisor-start-'))
const loaded = await loadConfigFile(configPath)
for (const { severity, message, line, column } of loaded.document)
  console.log(`${severity} ${line}:${column} ${message}`)
if (loaded.config === undefined) process.exit(6)
const supervisor = createSupervisor(loaded.config, { configPath, env: { ...process.env, SCRATCH: scratch } })
const story = tellStory(supervisor, process.stdout)
// A supervisor keeps no program alive unless a call is pending; this one also waits for events.
const awake = setInterval(() => {}, 1_000)
/** @type {Set<number>} */
const pids = new Set()
supervisor.on('state.changed', ({ pid }) => pid && pids.add(pid))

try {
  await connectAll()
  if (!ownFile) {
    await callEach()
    await killOne('everything')
  }
  await reloadEdited()
} finally {
  await close()
  clearInterval(awake)
  await rm(scratch, { recursive: true, force: true })
}

async function connectAll() {
  const names = supervisor.servers()
  story.say(`Connecting ${names.length} servers of ${configPath}`)
  const results = await Promise.allSettled(names.map((name) => supervisor.connect(name)))
  const ready = results.filter(({ status }) => status === 'fulfilled').length
  story.say(`\n${ready} of ${names.length} are ready; the others keep nobody waiting.`)
  story.table()
}

async function callEach() {
  /** @type {[server: string, tool: string, args: Record<string, unknown>][]} */
  const calls = [
    ['everything', 'echo', { message: 'hello' }],
    ['filesystem', 'list_allowed_directories', {}],
    ['memory', 'read_graph', {}],
  ]
  story.say('\nCalling a tool on each:')
  for (const [server, tool, args] of calls) {
    const { content } = await supervisor.callTool(server, tool, args)
    story.say(`  ${server}.${tool} -> ${String(content[0]?.text).split('\n').join(' ').slice(0, 80)}`)
  }
}

/** @param {string} server */
async function killOne(server) {
  const { pid = 0 } = supervisor.status(server)
  story.say(`\nKilling ${server} (kill -9 ${pid}), then calling it at once:`)
  const startedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  await lost(server)
  await supervisor.callTool(server, 'echo', { message: 'still here' })
  const ms = Math.round(performance.now() - startedAt)
  story.say(
    `  answered by pid ${supervisor.status(server).pid} after ${ms} ms; ${supervisor.status(server).restarts} restart`,
  )
}

/** @param {string} server */
async function lost(server) {
  for await (const event of supervisor.events()) {
    if (event.type === 'state.changed' && event.server === server && event.to !== 'ready') return
  }
}

async function reloadEdited() {
  const edited = /** @type {{ mcpServers: Record<string, any> }} */ (structuredClone(loaded.config))
  if (!ownFile) {
    delete edited.mcpServers['broken']
    edited.mcpServers['memory'].env.MEMORY_FILE_PATH = join(scratch, 'other.jsonl')
  }
  story.say(
    ownFile
      ? '\nReloading the same configuration:'
      : '\nReloading without "broken" and with another file for "memory":',
  )
  const before = new Map(supervisor.statuses().map(({ name, pid }) => [name, pid]))
  const report = await supervisor.reload(edited)
  if (!report.ok) return story.say(`  refused as a whole, and what runs stays as it is: ${report.error.message}`)
  for (const change of /** @type {const} */ (['added', 'removed', 'updated', 'unchanged'])) {
    story.say(`  ${change}: ${report[change].join(', ') || '-'}`)
  }
  for (const name of report.unchanged) {
    story.say(`  ${name} kept its pid: ${before.get(name) ?? 'none'} -> ${supervisor.status(name).pid ?? 'none'}`)
  }
}

async function close() {
  const { total, closed, errors, endedBy } = await supervisor.close()
  story.end()
  const steps = Object.entries(endedBy).map(([name, step]) => `${name} by ${step}`)
  console.log(`\nClosed ${closed} of ${total} servers: ${steps.join(', ') || 'none was running'}`)
  for (const [name, message] of Object.entries(errors)) console.log(`  ${name}: ${message}`)
  console.log(`Processes left: ${[...pids].filter(isAlive).length}`)
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false // ESRCH: gone, which is what is asked.
  }
}
