import { type Failure, errorCodes } from '../errors.js'
import type { ServerStatus } from './status.js'

/** What is known of a server when it is explained. */
export interface Facts {
  /** Epoch milliseconds. */
  readonly at: number
  readonly status: ServerStatus
  readonly isConfigured: boolean
  /** It has an actor: it is neither disabled nor closed. */
  readonly isSupervised: boolean
  /** Somebody stopped it. */
  readonly isStopped: boolean
  readonly maxAttempts: number
  readonly cause?: Failure
}

/** What a server does and why, in a sentence or two. */
export function summaryOf(name: string, facts: Facts): string {
  const server = `Server "${name}"`
  if (!facts.isConfigured) return `${server} is not configured, or its supervisor is closed.`
  if (facts.isStopped && !facts.isSupervised) return `${server} is closed: it was stopped.`
  if (!facts.isSupervised) return `${server} is closed: its configuration says "disabled": true.`
  return `${server} ${stateOf(facts)}${reasonOf(server, facts)}.`
}

/** What somebody can do about it; empty when there is nothing to do. */
export function remedyOf({ isConfigured, isSupervised, isStopped, cause, status }: Facts): string {
  if (!isConfigured) return errorCodes.SERVER_UNKNOWN.remedy
  if (isStopped) return 'Start it.'
  if (!isSupervised) return 'Take "disabled" out of the entry and reload.'
  if (cause && status.state !== 'ready') return errorCodes[cause.code].remedy
  return status.held === undefined ? '' : errorCodes.TOOL_HELD.remedy
}

function stateOf({ status, at, maxAttempts }: Facts): string {
  const { state, attempt, nextRetryAt, restarts } = status
  const inSeconds = nextRetryAt === undefined ? '' : ` in ${(Math.max(0, nextRetryAt - at) / 1_000).toFixed(1)} s`
  switch (state) {
    case 'uninitialized':
      return 'resolves its configuration'
    case 'idle':
      return 'is idle and starts on first use'
    case 'connecting':
      return `is connecting, attempt ${attempt} of ${maxAttempts}`
    case 'timedOut':
    case 'retrying':
      return `is retrying, attempt ${attempt + 1} of ${maxAttempts}${inSeconds}`
    case 'ready':
      return `is ready${toolsOf(status)}${restarts > 0 ? ` after ${counted(restarts, 'restart')}` : ''}`
    case 'failed':
      return inSeconds === '' ? 'has failed and is not tried again by itself' : `has failed and is probed${inSeconds}`
    case 'closing':
      return 'is closing'
    case 'closed':
      return 'is closed'
  }
}

function toolsOf({ tools, held }: ServerStatus): string {
  if (tools === undefined) return ''
  return ` with ${counted(tools, 'tool')}${held === undefined ? '' : ` and ${held} that wait for approval`}`
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

function reasonOf(server: string, { status, cause }: Facts): string {
  const text = (cause?.message ?? status.error).replace(/\.$/, '')
  if (text === '') return ''
  if (text.startsWith(`${server} `)) return `: it ${text.slice(server.length + 1)}`
  return `: ${text.startsWith(`${server}: `) ? text.slice(server.length + 2) : text}`
}
