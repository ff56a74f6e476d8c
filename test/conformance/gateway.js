/** What the suite and the inspector find when they are clients of `mcpvisor serve`, with the server of the suite behind it. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { here, inOrder, node22, play, requiredOf, revisions, run } from './suite.js'

const inspectorVersion = '2.12.0'

/** A program that serves until the work is done. */
async function serving(entry, options, work) {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  const config = join(folder, 'mcp.json')
  await writeFile(config, JSON.stringify({ mcpServers: { everything: { command: process.execPath, ...entry } } }))
  const args = [here('../../dist/cli/main.js'), 'serve', '-c', config, '--http', '0', '--no-token', ...options]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => child.on('close', resolve))
  try {
    const port = await portOf(child)
    return await work(`http://localhost:${port}/mcp`, config)
  } finally {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
}

function portOf(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      said += chunk
      const [, port] = said.match(/Listening on http:\/\/[^:]+:(\d+)/) ?? []
      if (port !== undefined) resolve(port)
    })
    child.on('close', () => reject(new Error(`mcpvisor serve ended: ${said}`)))
  })
}

const everything = { args: [here('everything.js')] }

/**
 * Every server scenario that a revision requires. The server behind is of the same era: then each question keeps its name.
 * Each revision has a gateway of its own, and there one scenario follows the other: a shared server over stdio does not say
 * which of two clients it asks.
 */
export async function playServer(only) {
  const played = await inOrder(revisions, (revision) => {
    const protocolEra = revision === '2026-07-28' ? 'modern' : 'legacy'
    return serving({ ...everything, protocolEra }, ['--plain'], async (url) => {
      const of = []
      for (const scenario of await requiredOf(revision, 'server'))
        if (only === undefined || only === scenario) of.push(await play('server', revision, scenario, ['--url', url]))
      return of
    })
  })
  return played.flat()
}

/** Lists and calls by the command line of the MCP inspector, over both transports. */
export async function playInspector() {
  const inspector = await installInspector()
  const inspect = async (target, ...args) => {
    const { stdout } = await run(node22, [inspector, '--cli', ...target, ...args])
    return JSON.parse(stdout)
  }
  const call = ['--method', 'tools/call', '--tool-name', 'everything__test_simple_text']
  const attempts = async (transport, target) => {
    const { tools } = await inspect(target, '--method', 'tools/list')
    const { content } = await inspect(target, ...call)
    return { transport, tools: tools.length, said: content[0].text }
  }
  return serving(everything, [], async (url, config) => {
    // The inspector takes the options of a program for its own, so that it is told by a file.
    const file = join(dirname(config), 'inspector.json')
    const gateway = { command: process.execPath, args: [here('../../dist/cli/main.js'), 'serve', '-c', config] }
    await writeFile(file, JSON.stringify({ mcpServers: { gateway } }))
    return [
      await attempts('stdio', ['--config', file, '--server', 'gateway']),
      await attempts('Streamable HTTP', [url, '--transport', 'http']),
    ]
  })
}

async function installInspector() {
  const folder = here('../../.artifacts/inspector')
  const name = '@modelcontextprotocol/inspector'
  await run('mkdir', ['-p', folder])
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--engine-strict=false', `${name}@${inspectorVersion}`], {
    cwd: folder,
  })
  return join(folder, 'node_modules', name, 'clients/launcher/build/index.js')
}
