import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { childrenOf, descendantsOf, isAlive, processesWith, startedAt } from '../reliability/processes.js'

/** Sockets and pipes that were ended are let go in a later turn of the event loop. */
const settlingMs = 100

/**
 * One life of one server: starts it, lists its tools, makes a call, closes it and looks at what is left. Resolves to what
 * was seen; `failure` is what an embedder would be told when it could not be used.
 */
export async function live({ call }, entry) {
  const mark = randomUUID()
  const handlesBefore = handles()
  const env = { ...entry.env, BED: mark }
  const supervisor = createSupervisor({ mcpServers: { server: { ...entry, env } } })
  const processes = new Map()
  const complaints = []
  let most = 0
  const look = () => {
    const tree = treeOf(supervisor, mark)
    most = Math.max(most, tree.size)
    for (const pid of tree) processes.set(pid, { pid, startedAt: startedAt(pid) })
  }
  supervisor.on('state.changed', look)
  supervisor.on('protocol.violated', ({ detail }) => complaints.push(detail))
  supervisor.on('tools.listed', ({ quarantined }) => complaints.push(...quarantined.map(({ reason }) => reason)))

  // One that never answers changes its state only when it is being ended.
  const looking = setInterval(look, 1_000)
  const used = await use(supervisor, call).catch((failure) => ({ failure }))
  clearInterval(looking)
  look()
  const { endedBy, errors } = await supervisor.close()
  const left = new Set([...[...processes.values()].filter(isAlive).map(({ pid }) => pid), ...processesWith(mark)])
  await sleep(settlingMs)
  return {
    ...used,
    /** At the same time. */
    processes: most,
    endedBy: endedBy.server,
    complaints: [...complaints, ...Object.values(errors)],
    left: { processes: left.size, handles: handles() - handlesBefore },
  }
}

async function use(supervisor, [tool, args] = []) {
  const begun = performance.now()
  await supervisor.connect('server')
  const readyMs = performance.now() - begun
  const tools = (await supervisor.listTools('server')).length
  const answer = await supervisor.callTool('server', tool, args).then(wordsOf, errorOf)
  return { readyMs, tools, answer, protocolVersion: supervisor.status('server').protocolVersion }
}

/** What a result says; of an item that is no text, its kind. */
function wordsOf({ content, isError }) {
  const text = content.map((item) => item.text ?? `[${item.type}]`).join(' ')
  return { text, as: isError ? '`isError`' : 'result' }
}

/** An error of the server is an answer; any other says that there was none. */
function errorOf(error) {
  if (error.code !== 'MCP_ERROR') throw error
  return { text: error.message, as: `error ${error.mcp.code}` }
}

/** A browser writes over the environment of its processes, so that a mark there does not find them all. */
function treeOf(supervisor, mark) {
  const { pid } = supervisor.status('server')
  return new Set([...processesWith(mark), ...(pid === undefined ? [] : [pid, ...descendantsOf(pid)])])
}

/** Descriptors of this process, and its children, the ended ones that nobody has asked about included. */
function handles() {
  return readdirSync('/proc/self/fd').length + childrenOf().length
}
