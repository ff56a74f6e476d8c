/** Whoever does not ask for telemetry has no dependency on it: shown on the built package, as it is installed. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional?: boolean }>
}

test('nothing of the built package but mcpvisor/otel imports OpenTelemetry, not even its types', () => {
  const built = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
  const importing = built.filter(
    (path) => /\.(js|d\.ts)$/.test(path) && /from\s+'@opentelemetry|import\('@opentelemetry/.test(read('dist', path)),
  )
  expect(importing.length).toBeGreaterThan(0)
  expect(importing.filter((path) => !path.startsWith('otel'))).toEqual([])
  expect(manifest.dependencies).not.toHaveProperty('@opentelemetry/api')
  expect(manifest.peerDependenciesMeta['@opentelemetry/api']).toEqual({ optional: true })
})

test('the package works where OpenTelemetry is not installed', async () => {
  const folder = installed()
  const server = JSON.stringify({ command: process.execPath, args: [join(root, 'bench/echo-server.js')] })
  const program = `
    const { createSupervisor } = await import('mcpvisor')
    const supervisor = createSupervisor({ mcpServers: { echo: ${server} } })
    const { content } = await supervisor.callTool('echo', 'echo', { text: 'hello' })
    const missing = await import('mcpvisor/otel').catch(({ code }) => code)
    await supervisor.close()
    console.log(JSON.stringify({ text: content[0].text, missing }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
  })
  expect(JSON.parse(stdout)).toEqual({ text: 'hello', missing: 'ERR_MODULE_NOT_FOUND' })
})

test('the command line says what it needs for --telemetry, before it starts anything', async () => {
  const cwd = installed()
  writeFileSync(join(cwd, 'mcp.json'), JSON.stringify({ mcpServers: { echo: { command: process.execPath } } }))
  const main = join(cwd, 'node_modules/mcpvisor/dist/cli/main.js')
  const run = promisify(execFile)(process.execPath, [main, 'run', '--trust', '-c', 'mcp.json', '--telemetry'], { cwd })
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /needs the package "@opentelemetry\/api"[^]*hint: npm install @opentelemetry\/api/,
    ) as string,
  })
})

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), 'utf8')
}

/** A folder with the package as a copy, its dependencies as links, and nothing else. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'absent-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'mcpvisor'), { recursive: true })
  cpSync(join(root, 'dist'), join(modules, 'mcpvisor/dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(modules, 'mcpvisor/package.json'))
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  return folder
}
