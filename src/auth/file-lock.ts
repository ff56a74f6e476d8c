import { type FileHandle, open, readFile, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Longer than any work under a lock takes: who holds one past this is gone, or asleep. */
const longestHoldMs = 60_000
const pauseMs = 20

/**
 * Runs `work` while no other process runs any under the same name in the folder.
 *
 * A lock is the highest of the numbered files of its name, and it is taken by making the next one, which only one can.
 * The highest is never removed, so no late comer can take away what another has just taken. It is free once it says so,
 * once its process is gone, or once it was held for too long.
 */
export async function withFileLock<T>(
  folder: string,
  name: string,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const held = await acquire(folder, name, signal)
  try {
    return await work()
  } finally {
    try {
      await write(held, 'free')
    } finally {
      await held.close()
    }
  }
}

async function acquire(folder: string, name: string, signal: AbortSignal): Promise<FileHandle> {
  for (;;) {
    signal.throwIfAborted()
    const top = (await numbersOf(folder, name)).at(-1) ?? 0
    const held = (await isFree(folder, name, top)) ? await take(folder, name, top + 1) : undefined
    if (held) return held
    // Cut short by the signal, whose reason is thrown above.
    await sleep(pauseMs * (1 + Math.random()), null, { signal }).catch(() => {})
  }
}

/** Makes the file of that number. Undefined when another was there first. */
async function take(folder: string, name: string, number: number): Promise<FileHandle | undefined> {
  const path = pathOf(folder, name, number)
  const held = await open(path, 'wx', 0o600).catch(unlessCode('EEXIST'))
  if (!held) return undefined
  try {
    await claim(held, path)
    const numbers = await numbersOf(folder, name)
    // We came late: the number we made had been made and removed before.
    const isOurs = numbers.at(-1) === number
    const spent = isOurs ? numbers.filter((other) => other < number) : [number]
    await Promise.all(spent.map((other) => rm(pathOf(folder, name, other), { force: true })))
    if (isOurs) return held
  } catch (error) {
    await held.close()
    throw error
  }
  await held.close()
  return undefined
}

/** Says whose it is. A file that cannot say it, as on a full disk, would keep everybody waiting. */
async function claim(held: FileHandle, path: string): Promise<void> {
  try {
    await write(held, JSON.stringify({ pid: process.pid, host: hostname(), until: Date.now() + longestHoldMs }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

async function isFree(folder: string, name: string, number: number): Promise<boolean> {
  if (number === 0) return true
  const text = await readFile(pathOf(folder, name, number), 'utf8').catch(unlessCode('ENOENT'))
  // Removed meanwhile: there is a higher one. Empty: its holder is about to say who it is.
  if (text === undefined) return false
  if (text === 'free') return true
  const holder = readHolder(text)
  if (!holder) return isOld(folder, name, number)
  return holder.until < Date.now() || (holder.host === hostname() && !isRunning(holder.pid))
}

function readHolder(text: string): { pid: number; host: string; until: number } | undefined {
  try {
    const { pid, host, until } = JSON.parse(text) as Record<string, unknown>
    return typeof pid === 'number' && typeof host === 'string' && typeof until === 'number'
      ? { pid, host, until }
      : undefined
  } catch {
    return undefined // Half written: its age decides.
  }
}

async function isOld(folder: string, name: string, number: number): Promise<boolean> {
  const handle = await open(pathOf(folder, name, number)).catch(unlessCode('ENOENT'))
  if (!handle) return false
  try {
    return Date.now() - (await handle.stat()).mtimeMs > longestHoldMs
  } finally {
    await handle.close()
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function write(held: FileHandle, text: string): Promise<void> {
  // Over what is there, so that a full disk keeps nobody from saying that it is free.
  const { bytesWritten } = await held.write(text, 0)
  await held.truncate(bytesWritten)
}

/** The numbers of the files of a lock, ascending. */
async function numbersOf(folder: string, name: string): Promise<number[]> {
  const prefix = `${name}.lock-`
  const numbers = (await readdir(folder)).flatMap((file) => {
    const rest = file.startsWith(prefix) ? file.slice(prefix.length) : ''
    return /^\d{1,15}$/.test(rest) ? [Number(rest)] : []
  })
  return numbers.toSorted((a, b) => a - b)
}

const pathOf = (folder: string, name: string, number: number): string => join(folder, `${name}.lock-${number}`)

/** Lets one kind of failure count as nothing found. */
function unlessCode(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined
    throw error
  }
}
