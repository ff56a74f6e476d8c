import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bed = fileURLToPath(new URL('../../.artifacts/bed/', import.meta.url))

/** No server is given a browser of its own. */
const env = { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' }

/**
 * Installs a package such as `name@1.2.3` in a folder of its own, as `npx` would, unless it is there. Resolves to the path of
 * its program.
 */
export async function install(specifier) {
  const folder = join(bed, specifier.replaceAll('/', '+'))
  const at = join(folder, 'node_modules', specifier.slice(0, specifier.lastIndexOf('@')))
  // npm writes this file last.
  if (!existsSync(join(folder, 'node_modules/.package-lock.json'))) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "private": true }')
    await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--save-exact', specifier], { env })
  }
  const { bin } = JSON.parse(await readFile(join(at, 'package.json'), 'utf8'))
  return join(at, typeof bin === 'string' ? bin : Object.values(bin)[0])
}
