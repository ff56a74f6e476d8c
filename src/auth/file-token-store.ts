import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SupervisorError, failure } from '../errors.js'
import type { TokenStore } from '../token-store.js'
import { withFileLock } from './file-lock.js'
import { StoreError } from './store-error.js'
import { createTurns } from './turns.js'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants
/** A grant is a few KiB. */
const longestFile = 1024 * 1024

/**
 * Keeps grants as files that only this user can read (0600 in a folder of 0700), each written as a whole beside its
 * place and then moved there. No link is followed, neither of a file nor of the folder itself. Any number of processes
 * may share a folder.
 * @throws `CONFIG_INVALID` when `folder` is not a path
 */
export function createFileTokenStore(folder: string): TokenStore {
  if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) {
    const message = `The folder of a token store must be a path, got ${JSON.stringify(folder)}`
    throw new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'config' }))
  }
  const turns = createTurns()
  const pathOf = (key: string) => join(folder, `${checked(key)}.json`)

  /** The mode of the folder. @throws when it is not what it must be, `ENOENT` when there is none */
  async function inspect(): Promise<number> {
    const { mode, uid, isDirectory } = await statOf(folder)
    const isOwn = isDirectory && (process.getuid === undefined || uid === process.getuid())
    if (!isOwn) throw new StoreError('ENOTDIR', 'is a link, no folder, or of another user')
    return mode
  }

  async function prepare(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const mode = await inspect()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(folder, 0o700)
  }

  return {
    async load(key) {
      // Who only looks leaves no trace: the folder is made when there is something to keep.
      const file = await found(async () => (await inspect(), open(pathOf(key), O_RDONLY | O_NOFOLLOW)))
      if (!file) return undefined
      try {
        const { size, mode } = await file.stat()
        if (size > longestFile) throw new StoreError('EFBIG', `holds more than ${longestFile} bytes`)
        if (process.platform !== 'win32' && (mode & 0o077) !== 0) await file.chmod(0o600)
        return await file.readFile('utf8')
      } finally {
        await file.close()
      }
    },
    async save(key, text) {
      await prepare()
      const path = pathOf(key)
      const beside = `${path}.${randomBytes(8).toString('hex')}`
      try {
        const file = await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        try {
          await file.writeFile(text)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(beside, path)
      } catch (error) {
        await rm(beside, { force: true })
        throw error
      }
    },
    async delete(key) {
      await found(async () => (await inspect(), rm(pathOf(key))))
    },
    exclusively: (key, work, signal) =>
      turns.take(
        key,
        async () => {
          await prepare()
          return withFileLock(folder, checked(key), work, signal)
        },
        signal,
      ),
  }
}

async function statOf(folder: string) {
  const found = await lstat(folder)
  return { mode: found.mode, uid: found.uid, isDirectory: found.isDirectory() }
}

/** A key becomes the name of a file: it must be able to be no more than that. */
function checked(key: string): string {
  if (/^[\w-]{1,128}$/.test(key)) return key
  throw new StoreError('EINVAL', 'takes keys of letters, digits, "-" and "_"')
}

/** What an access comes to; undefined where there is nothing. */
async function found<T>(access: () => Promise<T>): Promise<T | undefined> {
  try {
    return await access()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
