/**
 * A host that uses a server, lets its event loop run empty, and closes as its last act. Prints one JSON line.
 *
 *   node close-at-exit.mjs '<configuration>'
 */
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'

const vite = await createViteServer({
  configFile: false,
  logLevel: 'silent',
  root: fileURLToPath(new URL('../..', import.meta.url)),
  server: { middlewareMode: true, watch: null, ws: false },
})
const { createSupervisor } = await vite.ssrLoadModule('/src/index.ts')
const supervisor = createSupervisor(JSON.parse(process.argv[2]))
const [name] = supervisor.servers()
const answer = await supervisor.callTool(name, 'pid')
await vite.close()

async function close() {
  const { state } = supervisor.status(name)
  const report = await supervisor.close()
  process.stdout.write(`${JSON.stringify({ pid: Number(answer.content[0].text), state, report })}\n`)
}

process.once('beforeExit', () => void close())
