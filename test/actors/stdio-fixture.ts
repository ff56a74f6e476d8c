import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createStdioTransport } from '../../src/actors/stdio/stdio-transport.js'
import type { Message, Transport, TransportOptions } from '../../src/actors/transport.js'
import type { StdioEndpoint } from '../../src/config/entry.js'
import type { Failure } from '../../src/errors.js'

export const fixturePath = fileURLToPath(new URL('../fixtures/servers/stdio.mjs', import.meta.url))

export type Faults = Readonly<Record<string, unknown>>

interface JournalLine {
  readonly event: string
  readonly pid: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly child?: number
  readonly kind?: string
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number }
  readonly env?: readonly string[]
  readonly argv?: readonly string[]
  readonly tool?: string
  /** What the client must not do. */
  readonly what?: string
  readonly input?: { readonly text?: string }
}

export interface Journal {
  readonly path: string
  lines(): readonly JournalLine[]
  /** The processes that the server started. */
  children(): readonly number[]
}

/** A journal file that is removed after the test. */
export function emptyJournal(): Journal {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'journal')
  const lines = (): readonly JournalLine[] =>
    readFileSync(path, { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter(Boolean)
      .map((line): JournalLine => JSON.parse(line))
  return { path, lines, children: () => lines().flatMap(({ child }) => child ?? []) }
}

/** The fixture server with these faults. */
export function stdioEndpoint(faults: Faults = {}, journal?: Journal, env: Record<string, string> = {}): StdioEndpoint {
  return {
    transport: 'stdio',
    command: process.execPath,
    args: [fixturePath],
    env: { FAULT: JSON.stringify(faults), ...(journal && { JOURNAL: journal.path }), ...env },
  }
}

export interface Client {
  readonly transport: Transport
  /** Messages of the server other than answers, and answers, as they came. */
  readonly received: Message[]
  readonly losses: Failure[]
  /** Resolves with the failure when the transport is lost. */
  readonly lost: Promise<Failure>
  readonly closes: number
  /** Sends a request and resolves with its answer. */
  request(method: string, params?: Record<string, unknown>): Promise<Message>
  call(tool: string, input?: Record<string, unknown>): Promise<string>
}

export type ClientOptions = Partial<TransportOptions>

/** A transport that is not started; it is ended after the test, whatever its outcome. */
export function newClient(endpoint: StdioEndpoint, options: ClientOptions = {}): Client {
  const transport = createStdioTransport(endpoint, { server: 'fixture', shutdownTimeoutMs: 1_000, ...options })
  onTestFinished(async () => {
    transport.kill()
    await transport.end()
  })
  const received: Message[] = []
  const losses: Failure[] = []
  let closes = 0
  let lastId = 0
  const lost = new Promise<Failure>((resolve) => {
    transport.onlost = (failure) => {
      losses.push(failure)
      resolve(failure)
    }
  })
  transport.onmessage = (message) => received.push(message)
  transport.onclose = () => {
    closes += 1
  }
  const request = async (method: string, params: Record<string, unknown> = {}): Promise<Message> => {
    lastId += 1
    const id = lastId
    await transport.send({ jsonrpc: '2.0', id, method, params })
    const answer = received.find((message) => message.id === id && message.method === undefined)
    if (!answer) throw new Error(`request ${id} settled without an answer`)
    return answer
  }
  return {
    transport,
    received,
    losses,
    lost,
    get closes() {
      return closes
    },
    request,
    async call(tool, input = {}) {
      const { result } = await request('tools/call', { name: tool, arguments: input })
      const content = result?.['content'] as { text: string }[] | undefined
      return content?.[0]?.text ?? ''
    },
  }
}

/** A client of the fixture server after the handshake. */
export async function readyClient(
  faults: Faults = {},
  options: ClientOptions = {},
  journal?: Journal,
): Promise<Client> {
  const client = newClient(stdioEndpoint(faults, journal), options)
  await client.transport.start()
  await client.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  })
  await client.transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  return client
}

/** Whether the process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3))
  } catch {
    return false
  }
}

/** Resolves when the condition holds; rejects after eighteen seconds, a little before the test does. */
export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 18_000; !holds();) {
    if (Date.now() > deadline) throw new Error(`not within eighteen seconds: ${holds.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    (value) => Promise.reject(new Error(`expected a rejection, got ${JSON.stringify(value)}`)),
    (error: Failure) => error,
  )
}
