import type { ConnectionPorts } from '../../src/actors/connection.js'
import type { OpenSession, Session, SessionHost } from '../../src/actors/session/session.js'
import type { EndReport, Transport } from '../../src/actors/transport.js'
import type { Work } from '../../src/calls/ledger.js'
import type { Clock } from '../../src/clock.js'
import { type Failure, SupervisorError, failure } from '../../src/errors.js'
import type { ConnectionInput } from '../../src/messages.js'
import type { answers, endings, losses, openings } from './sim-schedule.js'

/** How the next opening of a server goes, and how its transport ends. */
export interface Weather {
  opening: { kind: (typeof openings)[number]; delayMs: number }
  ending: { kind: (typeof endings)[number]; delayMs: number }
}

export const fairWeather = (): Weather => ({
  opening: { kind: 'up', delayMs: 1 },
  ending: { kind: 'prompt', delayMs: 1 },
})

/** The arguments of a simulated tool: which call it is and what the server does with it. */
export interface SimArguments {
  readonly key: number
  readonly answer: (typeof answers)[number]
  readonly latencyMs: number
}

/** The work of a call that is booked under `key`. */
export function workOf(of: Omit<SimArguments, 'key'> | 'connect' | 'list', key: number): Work {
  if (of === 'connect') return { kind: 'connect' }
  if (of === 'list') return { kind: 'list', method: 'tools/list', refresh: true }
  return { kind: 'request', method: 'tools/call', params: { name: 'tool', arguments: { key, ...of } } }
}

/** What the peers tell the judge. */
export interface PeerObserver {
  opened(input: ConnectionInput): void
  ended(input: ConnectionInput): void
  /** The peer gave this reason for a refusal or a loss. */
  failed(input: ConnectionInput, of: Failure): void
  /** The tool ran. */
  executed(key: number, input: ConnectionInput): void
  /** The tool said how far it is. */
  progressed(key: number): void
}

/** One simulated process: a transport with a server behind it. */
export interface Peer {
  readonly input: ConnectionInput
  readonly transport: Transport
  /** Being ended, by force or gently. */
  readonly isEnding: boolean
  /** Says that its tools have changed. */
  change(): void
  lose(of: Failure): void
}

export interface Peers {
  readonly transport: ConnectionPorts['transport']
  readonly openSession: OpenSession
  /** Those that have started and not ended. */
  readonly living: ReadonlySet<Peer>
}

const retryAfterMs = 300

/** The failure a peer gives, by kind: one that passes, one that says when to come back, one that waiting cannot mend. */
export function failureOfKind(kind: (typeof losses)[number] | (typeof openings)[number]): Failure {
  if (kind === 'busy') return failure('SERVER_UNAVAILABLE', 'the server is busy', { retryAfterMs })
  if (kind === 'hostile')
    return failure('HANDSHAKE_FAILED', 'the server speaks another language', { delivered: 'maybe' })
  return failure('CONNECTION_LOST', 'the process ended', { delivered: 'maybe', exitCode: 1 })
}

/** Servers that misbehave as the weather says, behind the real connection actor. */
export function createPeers(clock: Clock, weather: (name: string) => Weather, observer: PeerObserver): Peers {
  const living = new Set<Peer>()
  const handshakes = new WeakMap<Transport, OpenSession>()

  function createPeer(input: ConnectionInput): Peer {
    const { opening, ending } = { ...weather(input.name) }
    /** Rejects everything that still waits for the server. */
    const pending = new Set<(error: SupervisorError) => void>()
    const awaitingEnd: ((report: EndReport) => void)[] = []
    let notified: SessionHost['notified'] = () => undefined
    let stage: 'new' | 'open' | 'ending' | 'killed' | 'ended' = 'new'

    function wait<T>(
      begin: (resolve: (value: T) => void, reject: (error: SupervisorError) => void) => void,
    ): Promise<T> {
      return new Promise((resolve, reject) => {
        const fail = (error: SupervisorError) => {
          pending.delete(fail)
          reject(error)
        }
        const succeed = (value: T) => {
          if (pending.delete(fail)) resolve(value)
        }
        pending.add(fail)
        if (stage === 'open' || stage === 'ending') begin(succeed, fail)
        else fail(new SupervisorError(failure('CONNECTION_LOST', 'the process is gone')))
      })
    }

    function finish(): void {
      if (stage === 'ended') return
      stage = 'ended'
      if (living.delete(peer)) observer.ended(input)
      for (const fail of pending) fail(new SupervisorError(failureOfKind('ended')))
      for (const resolve of awaitingEnd) resolve({ by: 'stdin' })
    }

    function lose(of: Failure): void {
      if (stage !== 'open') return
      observer.failed(input, of)
      finish()
      transport.onlost?.(of)
    }

    async function handshake(_: Transport, host: SessionHost): Promise<Session> {
      notified = host.notified
      await transport.start()
      if (opening.kind === 'silent') return wait(() => undefined)
      await wait<void>((resolve) => clock.setTimeout(resolve, opening.delayMs))
      if (opening.kind === 'up' || opening.kind === 'unlisted') return session
      const of = failureOfKind(opening.kind)
      observer.failed(input, of)
      throw new SupervisorError(of)
    }

    const session: Session = {
      info: {
        protocolVersion: '2025-11-25',
        serverInfo: { name: 'peer', version: '1' },
        capabilities: { tools: { listChanged: true } },
      },
      request(method, params, { cancellation, onProgress }) {
        return wait((resolve, reject) => {
          cancellation.onCancel = () =>
            reject(new SupervisorError(failure('CALL_ABORTED', 'given up', { delivered: 'maybe' })))
          if (method === 'tools/list') {
            if (opening.kind !== 'unlisted') resolve({ tools: [{ name: 'tool', inputSchema: { type: 'object' } }] })
            return
          }
          const { key, answer, latencyMs } = params['arguments'] as SimArguments
          const tell = (progress: number) => {
            observer.progressed(key)
            onProgress?.({ progress })
          }
          if (answer === 'unsent') return finishUnsent(reject)
          observer.executed(key, input)
          if (answer === 'silent') return
          if (answer === 'vanish') return void clock.setTimeout(() => lose(failureOfKind('ended')), latencyMs)
          if (answer === 'progress') {
            for (const part of [1, 2, 3]) clock.setTimeout(() => tell(part), part * latencyMs)
          }
          clock.setTimeout(
            () =>
              answer === 'error'
                ? reject(new SupervisorError(failure('MCP_ERROR', 'no such thing', { delivered: 'yes' })))
                : resolve({ content: [], structuredContent: { key } }),
            answer === 'progress' ? 4 * latencyMs : latencyMs,
          )
        })
      },
    }

    /** The pipe turned out to be broken before the request was in it. */
    function finishUnsent(reject: (error: SupervisorError) => void): void {
      const of = failure('CONNECTION_LOST', 'the pipe is broken')
      observer.failed(input, of)
      reject(new SupervisorError(of))
      finish()
      transport.onlost?.(of)
    }

    const transport: Transport = {
      async start() {
        if (stage !== 'new') return
        stage = 'open'
        living.add(peer)
        observer.opened(input)
      },
      send: async () => undefined,
      close: async () => void (await transport.end()),
      end() {
        if (stage === 'new' || stage === 'ended') finish()
        else if (stage === 'open') {
          stage = 'ending'
          if (ending.kind === 'prompt') finish()
          else if (ending.kind === 'slow') clock.setTimeout(finish, ending.delayMs)
        }
        if (stage === 'ended') return Promise.resolve({ by: 'stdin' })
        return new Promise((resolve) => awaitingEnd.push(resolve))
      },
      kill() {
        if (stage === 'new') return finish()
        if (stage === 'killed' || stage === 'ended') return
        stage = 'killed'
        for (const fail of pending) fail(new SupervisorError(failureOfKind('ended')))
        clock.setTimeout(finish, ending.delayMs)
      },
    }

    const peer: Peer = {
      input,
      transport,
      get isEnding() {
        return stage === 'ending' || stage === 'killed'
      },
      change: () => notified('notifications/tools/list_changed', {}, []),
      lose,
    }
    handshakes.set(transport, handshake)
    return peer
  }

  return {
    living,
    transport: async (input) => ({ transport: createPeer(input).transport, filter: {}, mask: (text) => text }),
    openSession(transport, host) {
      const handshake = handshakes.get(transport)
      if (!handshake) throw new Error('not a transport of this simulation')
      return handshake(transport, host)
    },
  }
}
