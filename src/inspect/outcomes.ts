import type { EventOf, ReloadReport, Supervisor } from '../index.js'
import type { OutcomeRecord } from './project.js'

/** Tells what comes of calls, reloads and the end, in names and codes only, until the supervisor is closed. */
export function followOutcomes(supervisor: Supervisor, tell: (outcome: OutcomeRecord) => void): () => void {
  const say = (text: string, isFailure: boolean, server?: string) =>
    tell({ type: 'outcome', ...(server !== undefined && { server }), createdAt: String(Date.now()), text, isFailure })
  const subscriptions = [
    supervisor.on('call.settled', (event) => say(callText(event), event.failure !== undefined, event.server)),
    supervisor.on('config.reloaded', ({ report }) => say(reloadText(report), !report.ok)),
    supervisor.on('supervisor.closed', (event) => {
      say(closeText(event), Object.keys(event.report.errors).length > 0)
      stop()
    }),
  ]
  const stop = (): void => {
    for (const unsubscribe of subscriptions) unsubscribe()
  }
  return stop
}

function callText({ method, tool, failure }: EventOf<'call.settled'>): string {
  return `${tool ?? method} ${failure ? `failed: ${failure.code}, delivered: ${failure.delivered}` : 'answered'}`
}

function reloadText(report: ReloadReport): string {
  if (!report.ok) return 'reload refused'
  const changes = (['added', 'updated', 'removed', 'unchanged'] as const).flatMap((change) =>
    report[change].length > 0 ? `${change} ${report[change].join(' ')}` : [],
  )
  return ['reloaded', ...changes].join(', ')
}

function closeText({ report: { closed, total, endedBy } }: EventOf<'supervisor.closed'>): string {
  const endings = Object.entries(endedBy).map(([server, step]) => `${server} by ${step}`)
  return [`closed ${closed} of ${total}`, ...endings].join(', ')
}
