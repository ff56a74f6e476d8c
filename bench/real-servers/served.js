import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Runs a server program that takes its port from `PORT`; resolves to where it speaks MCP, once it answers there. */
export async function serve(program, form, path) {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, [program, form], { env, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}/${path}`
  await untilAnswering(url, child)
  return {
    url,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function untilAnswering(url, child) {
  for (let n = 0; n < 200; n++) {
    if (child.exitCode !== null) throw new Error(`${url} must be served, but the server exited with ${child.exitCode}`)
    if (await fetch(url, { method: 'OPTIONS' }).catch(() => undefined)) return
    await sleep(100)
  }
  throw new Error(`${url} must be served, but did not answer`)
}
