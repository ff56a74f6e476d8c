import { type ReloadReport, type Supervisor, SupervisorError } from '../index.js'

/** What became of something that the page asked for. */
export interface Outcome {
  readonly ok: boolean
  readonly message: string
}

export type Reload = () => Promise<ReloadReport>

const restartTimeoutMs = 60_000

export async function restartServer(name: string, supervisor: Supervisor): Promise<Outcome> {
  try {
    await supervisor.restart(name, { timeoutMs: restartTimeoutMs })
    return { ok: true, message: `Server "${name}" was restarted` }
  } catch (error) {
    return { ok: false, message: messageOf(error) }
  }
}

export async function reloadAll(reload: Reload): Promise<Outcome> {
  try {
    const report = await reload()
    if (!report.ok) return { ok: false, message: `Reload refused: ${report.error.message}` }
    const changes = (['added', 'updated', 'removed', 'unchanged'] as const).flatMap((change) =>
      report[change].length > 0 ? `${change} ${report[change].join(', ')}` : [],
    )
    return { ok: Object.keys(report.failed).length === 0, message: `Reloaded: ${changes.join('; ') || 'no servers'}` }
  } catch (error) {
    return { ok: false, message: messageOf(error) }
  }
}

/** Only our own errors are known to hold no secret. */
function messageOf(error: unknown): string {
  return error instanceof SupervisorError ? error.message : 'It failed for a reason that is not shown here'
}
