import { homedir } from 'node:os'
import { basename, dirname, resolve, sep } from 'node:path'
import type { PlaceName } from './placeholders.js'

/** Where a configuration is used: its file, and the directory that counts as the workspace. */
export interface Surroundings {
  /** Default: the working directory of the process. */
  readonly cwd?: string | undefined
  /** The file it was read from. Without one, the configuration lies in `cwd`. */
  readonly configPath?: string | undefined
}

function workingDirectory({ cwd }: Surroundings): string {
  return resolve(cwd ?? process.cwd())
}

/** The directory of the configuration file. */
export function configDirectory(at: Surroundings): string {
  return at.configPath === undefined ? workingDirectory(at) : dirname(resolve(workingDirectory(at), at.configPath))
}

/** What a place placeholder stands for. */
export function place(name: PlaceName, at: Surroundings): string {
  switch (name) {
    case 'workspaceFolder':
    case 'cwd':
      return workingDirectory(at)
    case 'workspaceFolderBasename':
      return basename(workingDirectory(at))
    case 'configDir':
      return configDirectory(at)
    case 'userHome':
      return homedir()
    case 'pathSeparator':
    case '/':
      return sep
  }
}
