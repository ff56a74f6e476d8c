/**
 * Takes the picture of the live page in docs: the servers of the example, one of which was killed during a call.
 * `npm run picture` needs a Chromium; `CHROMIUM` says where another one is than in the usual places.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createSupervisor } from 'mcpvisor'
import { loadConfigFile } from 'mcpvisor/config'
import { createRecorder, openInspector } from 'mcpvisor/inspect'
import { chromium } from 'playwright-core'

const configPath = fileURLToPath(new URL('../examples/mcp.json', import.meta.url))
const picture = fileURLToPath(new URL('../docs/live-page.png', import.meta.url))
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
)
/** What a page of documentation may weigh. */
const heaviestBytes = 150_000

const scratch = await mkdtemp(join(tmpdir(), 'live-page-'))
const recorder = createRecorder()
const { config } = await loadConfigFile(configPath)
const supervisor = createSupervisor(config, {
  configPath,
  env: { ...process.env, SCRATCH: scratch },
  inspect: recorder.inspect,
})
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })

try {
  await Promise.allSettled(supervisor.servers().map((name) => supervisor.connect(name)))
  const { url } = await openInspector(supervisor, { recorder })
  const page = await browser.newPage({ viewport: { width: 1200, height: 912 } })
  await page.goto(url)
  await page.locator('#state', { hasText: 'ready' }).waitFor()
  await crash('everything')
  await page.locator('#story').getByText('echo answered').last().waitFor()
  // One frame more, so that the story has followed its end.
  await page.waitForTimeout(500)
  await page.screenshot({ path: picture })
  const { size } = await stat(picture)
  console.log(`${picture}: ${size} bytes`)
  if (size > heaviestBytes) throw new Error(`The picture must have at most ${heaviestBytes} bytes, got ${size}`)
} finally {
  await browser.close()
  await supervisor.close()
  await rm(scratch, { recursive: true, force: true })
}

/** Kills a server during a call, and calls it again when it is well. */
async function crash(name) {
  const call = supervisor.callTool(name, 'trigger-long-running-operation', { duration: 60, steps: 1 })
  const settled = call.catch(() => {})
  while (supervisor.status(name).inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  process.kill(supervisor.status(name).pid, 'SIGKILL')
  await settled
  await supervisor.callTool(name, 'echo', { message: 'well again' })
}
