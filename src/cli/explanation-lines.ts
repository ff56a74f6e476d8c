import type { Explanation, Transition } from '../index.js'
import { plainText } from './plain-text.js'
import { duration, stateWord } from './status-table.js'
import type { Colors } from './terminal.js'

const lastTransitions = 8
const lastLines = 8

/** Why a server is as it is, for people. */
export function explanationLines(
  { at, summary, remedy, timeline, stderr, calls, failedCalls }: Explanation,
  colors: Colors,
): string[] {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', colors.bold(title), ...lines.map((line) => `  ${line}`)]
  const ago = (time: number) => colors.dim(`${duration(at - time)} ago`.padStart(12))
  return [
    '',
    plainText(summary),
    ...(remedy === '' ? [] : [plainText(remedy)]),
    ...section(
      'What happened',
      timeline
        .slice(-lastTransitions)
        .map((entered) => `${ago(entered.at)}  ${stateWord(entered.to).padEnd(13)}  ${plainText(causeOf(entered))}`),
    ),
    ...section(
      'Calls that are open',
      calls.map(
        ({ method, tool, since, isInFlight }) =>
          `${ago(since)}  ${plainText(tool ?? method)}${isInFlight ? '' : ' (waits)'}`,
      ),
    ),
    ...section(
      'Calls that failed',
      failedCalls
        .slice(-lastLines)
        .map(
          ({ at: time, method, tool, failure }) =>
            `${ago(time)}  ${plainText(`${tool ?? method}: ${failure.message}`)}`,
        ),
    ),
    ...section(
      'What it wrote to stderr',
      stderr.slice(-lastLines).map(({ line }) => colors.dim(plainText(line))),
    ),
  ]
}

/** States that a failure leads to; in the others it is only remembered. */
const failing: ReadonlySet<string> = new Set(['failed', 'retrying', 'timedOut'])

function causeOf({ to, because, error }: Transition): string {
  return error && failing.has(to) ? `${because}: ${error.message}` : because
}
