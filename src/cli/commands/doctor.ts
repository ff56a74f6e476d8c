import type { Observation } from '../doctor/observation.js'
import { observeMachine } from '../doctor/observe.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type OutputOptions, wantsJson } from '../options.js'
import { plainText } from '../plain-text.js'
import type { Terminal } from '../terminal.js'

export type DoctorOptions = OutputOptions

const marks = { ok: 'ok  ', note: 'note', problem: 'FAIL' } as const

/** `mcpvisor doctor`: what is wrong with this machine, and what to do. Exits 1 when something is. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const { out, env } = terminal
  const observations = await observeMachine(terminal)
  const problems = observations.filter(({ is }) => is === 'problem')
  if (wantsJson(options, env)) {
    out.line(JSON.stringify({ ok: problems.length === 0, observations }, null, 2))
  } else {
    for (const observation of observations) show(observation, out)
  }
  return problems.length === 0 ? exitCodes.ok : exitCodes.unexpected
}

function show({ subject, is, found, remedy }: Observation, { line, colors }: Terminal['out']): void {
  const color = { ok: colors.green, note: colors.yellow, problem: colors.red }[is]
  line(`${color(marks[is])}  ${subject.padEnd(11)}  ${plainText(found)}`)
  if (remedy !== undefined) line(`${' '.repeat(19)}${colors.bold('do:')} ${plainText(remedy)}`)
}
