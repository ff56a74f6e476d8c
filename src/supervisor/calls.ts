import type { CallOptions } from '../api.js'
import type { Handlers, Notification } from '../calls/handlers.js'
import type { Ledger, Work } from '../calls/ledger.js'
import type { TraceContext } from '../calls/telemetry.js'
import type { Clock } from '../clock.js'
import { SupervisorError, asFailure, failure } from '../errors.js'
import type { CallToolResult, LogLevel, Progress, ToolAnnotations } from '../mcp.js'
import type { ServerIdentity } from '../messages.js'
import type { AuthorizationPort } from './authorization.js'
import { type WaitOptions, callTerms } from './call-terms.js'
import { harmless } from './harmless.js'
import type { CallApart } from './session-line.js'
import type { Servers } from './servers.js'
import { type Sessions, isApart } from './sessions.js'
import type { Traces } from './traces.js'

/** Every way a caller's wish becomes a booked call and an event to the server that should carry it. */
export interface Calls {
  /** The actor of a server and its entry. @throws `SHUTDOWN`, and what `Servers.find` throws */
  find: Servers['find']
  /** Books `work`, tells the server by an event of that type, and resolves to the answer. */
  submit(of: ServerIdentity, type: SubmitType, work: Work, options: SubmitOptions): Promise<unknown>
  callTool(
    of: ServerIdentity,
    tool: string,
    args: Record<string, unknown>,
    options: CallOptions,
  ): Promise<CallToolResult>
}

/** The events by which a server learns of a booked call. */
export type SubmitType = 'call' | 'connect' | 'probe' | 'restart'

export interface SubmitOptions extends WaitOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly handlers?: Handlers | undefined
  readonly onNotification?: ((notification: Notification) => void) | undefined
  readonly logLevel?: LogLevel | undefined
  readonly owner?: object | undefined
  readonly traceContext?: TraceContext | undefined
  /** How often the same was sent before. */
  readonly resends?: number
  /** Idle deadline when the caller gives none. */
  readonly defaultMs?: number
}

export interface CallsPorts {
  readonly servers: Servers
  readonly sessions: Sessions
  readonly ledger: Ledger
  readonly clock: Clock
  readonly isClosing: () => boolean
  readonly traces: Pick<Traces, 'call'>
  readonly authorization: Pick<AuthorizationPort, 'mayBeLoggedIn' | 'lookForLogin'>
  /** What the server last said of a tool. */
  readonly annotations: (name: string, tool: string) => ToolAnnotations | undefined
  readonly listenerFailed: (error: unknown) => void
}

export function createCalls(ports: CallsPorts): Calls {
  const { servers, sessions, ledger, clock, isClosing, traces, authorization, annotations, listenerFailed } = ports

  function find(of: ServerIdentity) {
    if (isClosing()) throw shutdown(of.name)
    return servers.find(of)
  }

  async function submit(of: ServerIdentity, type: SubmitType, work: Work, options: SubmitOptions) {
    const { actor, entry } = find(of)
    const { signal, onProgress, onNotification, logLevel, handlers, defaultMs } = options
    // A lease is for one user: whatever it asks is asked of him.
    const owner = options.owner ?? (of.lease === undefined ? undefined : of)
    const { callTimeoutMs, maxCallTimeoutMs } = entry.policy
    const terms = callTerms(
      options,
      defaultMs ?? callTimeoutMs,
      maxCallTimeoutMs,
      onProgress && harmless(onProgress, listenerFailed),
    )
    if (signal?.aborted) throw aborted(of.name, signal)
    const trace = traces.call(of, work, options)
    const { callId, promise } = ledger.open(of, work, {
      ...terms,
      ...(handlers && { handlers }),
      ...(logLevel && { logLevel }),
      ...(owner && { owner }),
      ...(trace && { trace }),
      ...(onNotification && { onNotification: harmless(onNotification, listenerFailed) }),
    })
    const call = { callId, promise, handlers }
    const lackingSince = type === 'call' ? lacksLoginSince(of) : undefined
    if (lackingSince !== undefined && authorization.mayBeLoggedIn(of.name, lackingSince))
      void afterLook(of, call, work, lackingSince)
    else give({ actor, entry }, of, type, call, work)
    return promise
  }

  function give(to: ReturnType<typeof find>, of: ServerIdentity, type: SubmitType, call: CallApart, work: Work): void {
    if (type === 'call' && of.lease === undefined && isApart(to.entry.policy, work)) sessions.carry(of.name, call)
    else to.actor.send({ type, callId: call.callId })
  }

  /** When a server, or a lease of its own time, failed for want of a login. */
  function lacksLoginSince(of: ServerIdentity): number | undefined {
    const snapshot = servers.actor(of)?.getSnapshot()
    const { error, since } = snapshot?.context ?? {}
    return snapshot?.matches('failed') && error?.code === 'AUTH_REQUIRED' ? since : undefined
  }

  /** Gives a call to a server that waits for a person, after a look whether one has logged in elsewhere. */
  async function afterLook(of: ServerIdentity, call: CallApart, work: Work, since: number): Promise<void> {
    // What keeps the login from being seen, or used: the call itself says so.
    const hasCome = await authorization.lookForLogin(of.name, since).catch(() => false)
    if (hasCome) submit(of, 'connect', { kind: 'connect' }, { defaultMs: 0 }).catch(() => undefined)
    // One that settled meanwhile is nobody's any more.
    if (!ledger.work(call.callId)) return
    try {
      give(find(of), of, 'call', call, work)
    } catch (error) {
      ledger.fail(call.callId, asFailure(error as SupervisorError), error)
    }
  }

  function mayResend(error: unknown, name: string, tool: string): boolean {
    if (!(error instanceof SupervisorError) || error.code !== 'CONNECTION_LOST' || error.delivered !== 'maybe')
      return false
    const { readOnlyHint, idempotentHint } = annotations(name, tool) ?? {}
    return readOnlyHint === true || idempotentHint === true
  }

  return {
    find,
    submit,
    async callTool(of, tool, args, { retry = 'unsent', ...options }) {
      const work: Work = { kind: 'request', method: 'tools/call', params: { name: tool, arguments: args } }
      const startedAt = clock.now()
      try {
        return (await submit(of, 'call', work, options)) as CallToolResult
      } catch (error) {
        if (retry !== 'idempotent' || !mayResend(error, of.name, tool)) throw error
        const { timeoutMs } = options
        const left = timeoutMs ? Math.max(1, timeoutMs - (clock.now() - startedAt)) : timeoutMs
        return (await submit(of, 'call', work, { ...options, timeoutMs: left, resends: 1 })) as CallToolResult
      }
    },
  }
}

const shutdown = (server: string) =>
  new SupervisorError(failure('SHUTDOWN', 'The supervisor is closed', { server, phase: 'shutdown' }))

const aborted = (server: string, signal: AbortSignal) =>
  new SupervisorError(
    failure('CALL_ABORTED', `Call to server "${server}" was aborted before it began`, { server, phase: 'queue' }),
    signal.reason,
  )
