import { chmodSync, renameSync, unlinkSync } from 'node:fs'
import { type Server, type Socket, createServer } from 'node:net'

import type { Supervisor } from '../../index.js'
import { version } from '../../version.js'
import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'
import { controlAddress, prepareFolder } from './address.js'
import { type ControlClient, contact } from './client.js'
import { serveConnection } from './connection.js'
import { type ControlHost, createHost } from './host.js'
import { type Greeting, controlVersion } from './protocol.js'
import { type Records, createRecords } from './records.js'
import { sweep } from './sweep.js'

/** The socket by which commands reach this instance. It keeps no process alive. */
export interface Control {
  /** Answers from now on, and the requests that came before, about this supervisor. Call it once. */
  serve(supervisor: Supervisor): Records
  /** Ends what is open and removes the socket. */
  close(): Promise<void>
}

export interface ControlOptions {
  /** The configuration files that the instance runs: by them it is found. */
  readonly paths: readonly string[]
  /** The verb of the command. */
  readonly command: string
  /** Each client starts one of its own: any number may run the same configuration. */
  readonly isOneOfMany: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

const maxConnections = 64

/**
 * Opens the control socket of an instance, before anything is started: a dead instance's is replaced.
 * @throws CommandError when another instance runs the same configuration, naming its pid, or nobody but the user must be
 *   able to enter the folder and somebody can
 */
export async function openControl({ paths, command, isOneOfMany, env }: ControlOptions): Promise<Control> {
  prepareFolder(env)
  const address = controlAddress(paths, env, isOneOfMany ? process.pid : undefined)
  const greeting: Greeting = {
    control: controlVersion,
    version,
    pid: process.pid,
    command,
    paths: [...paths],
    startedAt: Date.now(),
  }
  const ending = new AbortController()
  let resolveHost: (host: ControlHost) => void = () => {}
  const host = new Promise<ControlHost>((resolve) => (resolveHost = resolve))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
    serveConnection(socket, greeting, host, ending.signal)
  })
  server.maxConnections = maxConnections
  await listen(server, address)
  await sweep(controlAddress(paths, env), env)
  let records: Records | undefined

  return {
    serve(supervisor) {
      records = createRecords(supervisor)
      resolveHost(createHost(supervisor, records))
      return records
    },
    async close() {
      records?.dispose()
      ending.abort()
      // Whoever follows is told the end before the socket is closed.
      setImmediate(() => {
        for (const socket of sockets) socket.destroySoon()
      })
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function listen(server: Server, address: string): Promise<void> {
  if (!(await isTaken(server, address))) return
  await clear(address)
  if (!(await isTaken(server, address))) return
  await requireNobody(address)
  throw silent(address)
}

/** Tries to listen; resolves true when something is there already. */
function isTaken(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true)
      else reject(new CommandError(exitCodes.unexpected, `The control socket cannot be opened: ${error.message}`))
    })
    server.listen(address, () => {
      server.removeAllListeners('error')
      if (process.platform !== 'win32') chmodSync(address, 0o600)
      server.unref()
      resolve(false)
    })
  })
}

/**
 * Takes away the socket of an instance that is dead. It is moved first and tried then, so that of two that start at the
 * same time none removes the fresh socket of the other.
 */
async function clear(address: string): Promise<void> {
  await requireNobody(address)
  const aside = `${address}.${process.pid}`
  try {
    renameSync(address, aside)
    await requireNobody(aside)
    unlinkSync(aside)
  } catch (error) {
    // Another one that started at the same time was faster.
    if (error instanceof CommandError) renameSync(aside, address)
    else if (!isMissing(error)) throw error
  }
}

/** @throws CommandError when an instance lives at the address */
async function requireNobody(address: string): Promise<void> {
  const found = await contact(address)
  if (found.is === 'absent') return
  throw found.is === 'silent' ? silent(address) : taken(found.client)
}

function taken({ greeting: { pid, command, paths }, close }: ControlClient): CommandError {
  close()
  const hint = `end it first, or ask it with "mcpvisor status"`
  return new CommandError(
    exitCodes.usage,
    `An instance runs ${paths.join(', ')} already: mcpvisor ${command}, pid ${pid}`,
    hint,
    {
      code: 'INSTANCE_EXISTS',
    },
  )
}

function silent(address: string): CommandError {
  const hint = `find it with "mcpvisor doctor" and end it`
  return new CommandError(exitCodes.usage, `An instance holds ${address} and does not answer`, hint, {
    code: 'INSTANCE_EXISTS',
  })
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
