/**
 * A host that uses a server, lets its event loop run empty, and closes as its last act. Prints one JSON line.
 *
 *   node close-at-exit.mjs '<configuration>'
 */
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
const { module } = await runnerImport(source, { configFile: false, logLevel: 'silent' })
const supervisor = module.createSupervisor(JSON.parse(process.argv[2]))
const [name] = supervisor.servers()
const answer = await supervisor.callTool(name, 'pid')

process.once('beforeExit', async () => {
  const { state } = supervisor.status(name)
  const report = await supervisor.close()
  process.stdout.write(`${JSON.stringify({ pid: Number(answer.content[0].text), state, report })}\n`)
})
