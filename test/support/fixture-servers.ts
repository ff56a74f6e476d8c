/** The fixture servers as entries of a configuration, and a supervisor over them that leaves nothing behind. */
import { onTestFinished } from 'vitest'
import {
  type CallToolResult,
  type Policy,
  type Supervisor,
  type SupervisorOptions,
  createSupervisor,
} from '../../src/index.js'
import { type Journal, emptyJournal, fixturePath, isRunning, until } from '../actors/stdio-fixture.js'
import { type HttpFixture, type Switches, startHttpServer } from '../fixtures/servers/http.mjs'

export { isRunning, until }

interface FixtureEntry {
  readonly command?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly supervisor: Partial<Policy>
}

export interface StdioServer {
  readonly entry: FixtureEntry
  readonly journal: Journal
  /** The processes it was started as, in order. */
  pids(): readonly number[]
  /** How often it was asked by that method. */
  received(method: string): number
  /** How often it executed that tool. */
  executed(tool: string): number
}

/** Fast where a test waits, patient where a busy machine could be slow. */
const quick: Partial<Policy> = { minTimeoutMs: 20, shutdownTimeoutMs: 1_000 }

/** The stdio fixture with these faults. After the test no process of it may be left. */
export function stdioServer(faults: Switches = {}, policy: Partial<Policy> = {}): StdioServer {
  const journal = emptyJournal()
  const pids = () => journal.lines().flatMap(({ event, pid }) => (event === 'start' ? pid : []))
  expectNoneLeft(() => [...pids(), ...journal.children()])
  expectCleanWire(() => journal.lines().flatMap(({ what }) => what ?? []))
  return {
    journal,
    entry: {
      command: process.execPath,
      args: [fixturePath, JSON.stringify(faults)],
      env: { JOURNAL: journal.path },
      supervisor: { ...quick, ...policy },
    },
    pids,
    received: (method) => journal.lines().filter((line) => line.event === 'received' && line.method === method).length,
    executed: (tool) => journal.lines().filter((line) => line.event === 'executed' && line.tool === tool).length,
  }
}

/** Fails the test when one of these processes outlives it, and ends it. */
function expectNoneLeft(pids: () => readonly number[]): void {
  onTestFinished(() => {
    const left = pids().filter(isRunning)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    if (left.length > 0) throw new Error(`${left.length} processes outlived the test`)
  })
}

/** Fails the test when a server was sent what it must not be. */
function expectCleanWire(unlawful: () => readonly string[]): void {
  onTestFinished(() => {
    const told = unlawful()
    if (told.length > 0) throw new Error(`the wire was not clean: ${told.slice(0, 3).join('; ')}`)
  })
}

interface HttpServer {
  readonly entry: FixtureEntry
  readonly fixture: HttpFixture
}

/** The HTTP fixture with these faults, on loopback until the test ends. */
export async function httpServer(
  faults: Switches = {},
  policy: Partial<Policy> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpServer> {
  const fixture = await startHttpServer(faults)
  onTestFinished(() => fixture.close())
  expectCleanWire(() => fixture.unlawful)
  return { fixture, entry: { url: fixture.url, headers, supervisor: { ...quick, ...policy } } }
}

/** `{ mcpServers }` of fixtures and of entries given as they are. */
export function configOf(servers: Readonly<Record<string, unknown>>) {
  const entryOf = (server: unknown) =>
    typeof server === 'object' && server !== null && 'entry' in server ? server.entry : server
  return { mcpServers: Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, entryOf(server)])) }
}

/** A supervisor of these servers; it is closed after the test. */
export function supervise(servers: Readonly<Record<string, unknown>>, options: SupervisorOptions = {}): Supervisor {
  const supervisor = createSupervisor(configOf(servers), options)
  onTestFinished(async () => void (await supervisor.close()))
  return supervisor
}

/** The text that a tool answered. */
export function textOf({ content }: CallToolResult): string {
  const [block] = content
  return block && 'text' in block ? String(block.text) : ''
}
