/** The package as its users have it: packed, unpacked beside its dependencies, and started by its `bin`. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface InstalledPackage {
  /** The path of `mcpvisor`. */
  readonly program: string
  remove(): void
}

/** Installs what `npm pack` makes of the built package into a new folder. Dependencies are those of this repository. */
export function installPackage(): InstalledPackage {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpvisor-installed-')))
  const modules = join(folder, 'node_modules')
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as [
    { filename: string },
  ]
  const own = join(modules, 'mcpvisor')
  mkdirSync(own, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', own, '--strip-components', '1'])
  const manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
    readonly bin: { readonly mcpvisor: string }
    readonly dependencies: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const program = join(modules, '.bin', 'mcpvisor')
  mkdirSync(dirname(program))
  symlinkSync(join(own, manifest.bin.mcpvisor), program)
  // As npm does with each `bin`.
  chmodSync(program, 0o755)
  return { program, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
