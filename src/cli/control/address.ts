import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The longest path of a socket that every system takes. */
const longestPath = 103

/** The folder of the sockets: `$XDG_RUNTIME_DIR/mcpvisor`, else a folder of the user below the one for temporary files. */
export function controlFolder(env: Environment): string {
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime && isAbsolute(runtime)) return join(runtime, 'mcpvisor')
  return join(tmpdir(), `mcpvisor-${process.getuid?.() ?? userInfo().username}`)
}

/** Where the instance that runs these configuration files listens; with `pid`, one of many that clients have started. */
export function controlAddress(paths: readonly string[], env: Environment, pid?: number): string {
  const files = createHash('sha256')
    .update(JSON.stringify(paths.map(realPath)))
    .digest('hex')
    .slice(0, 16)
  const id = pid === undefined ? files : `${files}.${pid}`
  // Named pipes have no folder, and are those of the user by their default rights. Not tested.
  if (process.platform === 'win32') return `\\\\.\\pipe\\mcpvisor-${userInfo().username}-${id}`
  const path = join(controlFolder(env), `${id}.sock`)
  if (Buffer.byteLength(path) <= longestPath) return path
  const hint = 'set XDG_RUNTIME_DIR to a folder with a shorter path'
  throw new CommandError(exitCodes.usage, `The path of the control socket is too long: ${path}`, hint)
}

/** Makes sure that nobody but the user can write into the folder of the sockets. @throws CommandError when somebody can */
export function prepareFolder(env: Environment): void {
  if (process.platform === 'win32') return
  if (requireOwnFolder(env)) return
  try {
    mkdirSync(controlFolder(env), { recursive: true, mode: 0o700 })
  } catch (error) {
    const hint = 'set XDG_RUNTIME_DIR to a folder of your own'
    throw new CommandError(exitCodes.unexpected, `No folder for control sockets can be made: ${String(error)}`, hint)
  }
  requireOwnFolder(env)
}

/**
 * Whether there is a folder of sockets, which then is the user's own and nobody else's: whoever can put a socket there
 * would be sent the arguments of calls. @throws CommandError for a link, another owner or wider rights
 */
export function requireOwnFolder(env: Environment): boolean {
  if (process.platform === 'win32') return true
  const folder = controlFolder(env)
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  if (!stats) return false
  const problem = !stats.isDirectory()
    ? 'it is no folder'
    : stats.uid !== process.getuid?.()
      ? 'it belongs to somebody else'
      : (stats.mode & 0o077) !== 0
        ? 'others may enter it'
        : undefined
  if (problem === undefined) return true
  const hint = `remove it, or "chmod 700 ${folder}" when it is yours`
  throw new CommandError(exitCodes.unexpected, `${folder} cannot hold control sockets: ${problem}`, hint)
}

/** A file that is not there, or not yet, is known by its path. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
