import type { EventOf, ReloadReport, Supervisor } from '../../index.js'
import { tellFindings } from '../code-frame.js'
import { readConfigSource } from '../config-source.js'
import { counted } from '../counted.js'
import { plainText } from '../plain-text.js'
import type { Output } from '../terminal.js'

export interface NarrateOptions {
  /** Only what goes wrong. */
  readonly isQuiet: boolean
  /** Also what servers write to stderr. */
  readonly isVerbose: boolean
}

/** Tells what happens to the servers from now on, a line for each event that people care about. */
export function narrate(supervisor: Supervisor, err: Output, { isQuiet, isVerbose }: NarrateOptions): void {
  supervisor.on('state.changed', (event) => {
    // The copies of a server are many, and each is its client's affair.
    if ('lease' in event || (isQuiet && event.to !== 'failed' && event.to !== 'retrying')) return
    for (const line of stateLines(event, err)) err.line(line)
  })
  supervisor.on('call.settled', (event) => {
    for (const line of callLines(event, err)) err.line(line)
  })
  supervisor.on('config.reloaded', ({ report }) => {
    if (!isQuiet || !report.ok) err.line(reloadLine(report))
  })
  if (isVerbose) {
    supervisor.on('stderr.written', ({ server, line }) => {
      err.line(`${err.colors.dim(`${plainText(server)} |`)} ${plainText(line)}`)
    })
  }
  supervisor.on('config.refused', (event) => void tellRefusal(event, err))
  supervisor.on('auth.unsaved', ({ server, message }) => err.line(plainText(`${server}: ${message}`)))
  supervisor.on('catalog.unusable', ({ server, reason }) => err.line(plainText(`${server}: ${reason}`)))
  supervisor.on('server.crashed', ({ server, message }) => {
    err.line(plainText(`${server} broke, a bug in mcpvisor: ${message}`))
  })
}

function stateLines(
  { server, to, pid, tools, error, nextRetryAt, at, attempt }: EventOf<'state.changed'>,
  { colors }: Output,
): string[] {
  const is = (state: string, detail = '') => plainText(`${server} is `) + state + plainText(detail)
  const why = error ? `: ${error.message}` : ''
  switch (to) {
    case 'ready':
      return [
        is(
          colors.green('ready'),
          about([pid !== undefined && `pid ${pid}`, tools !== undefined && counted(tools, 'tool')]),
        ),
      ]
    case 'retrying': {
      const when = nextRetryAt === undefined ? '' : `, attempt ${attempt + 1} ${soon(nextRetryAt - at)}`
      return [is(colors.yellow('retrying'), `${why}${when}`)]
    }
    case 'failed': {
      const lastWords = (error?.stderrTail ?? '').split('\n').filter((line) => line.trim() !== '')
      return [
        is(colors.red('failed'), why),
        ...lastWords.slice(-3).map((line) => colors.dim(`  stderr: ${plainText(line)}`)),
      ]
    }
    case 'timedOut':
      return [is(colors.yellow('out of time'), why)]
    case 'uninitialized':
      return []
    case 'idle':
    case 'connecting':
    case 'closing':
    case 'closed':
      return [is(to)]
  }
}

/** Of a connection or a list that could not be had, the states of the server tell. */
function callLines({ server, method, tool, failure }: EventOf<'call.settled'>, { colors }: Output): string[] {
  if (!failure || method === 'connect' || method.endsWith('/list')) return []
  return [plainText(`${server}: ${tool ?? method} `) + colors.yellow('failed') + plainText(`: ${failure.message}`)]
}

/** Less than a tenth of a second is no wait. */
function soon(ms: number): string {
  return ms < 100 ? 'at once' : `in ${(ms / 1_000).toFixed(1)} s`
}

function about(details: readonly (string | false)[]): string {
  const said = details.filter((detail) => detail !== false)
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

function reloadLine(report: ReloadReport): string {
  if (!report.ok) return plainText(`Reload refused, what runs stays as it was: ${report.error.message}`)
  const changes = (['added', 'updated', 'removed', 'unchanged'] as const).flatMap((change) =>
    report[change].length === 0 ? [] : [`${change} ${report[change].join(', ')}`],
  )
  return plainText(`Reloaded: ${changes.join('; ') || 'no servers'}`)
}

async function tellRefusal({ path, error, findings }: EventOf<'config.refused'>, err: Output): Promise<void> {
  // Without the text there are still the places.
  const { lines } = await readConfigSource(path).catch(() => ({ lines: [] }))
  tellFindings(findings, path, lines, err)
  const reason = findings.length > 0 ? counted(findings.length, 'error') : error.message
  err.line(plainText(`Refused ${path}, what runs stays as it was: ${reason}`))
}
