import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiles `entry` and what it imports for hosts, which are processes of their own, into a new folder beside `node_modules` so that they find their dependencies; returns the folder. */
export function buildForHosts(entry = 'src/index.ts'): string {
  const folder = mkdtempSync(join(root, 'node_modules', '.cache-hosts-'))
  const target = [
    '--outDir',
    folder,
    '--rootDir',
    'src',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    'node',
  ]
  execFileSync('npx', ['tsc', '--ignoreConfig', '--noCheck', '--skipLibCheck', ...target, entry], {
    cwd: root,
    stdio: 'ignore',
  })
  // A host may run as another user.
  chmodSync(folder, 0o755)
  return folder
}

export function removeBuild(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
