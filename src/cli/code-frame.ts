import type { LocatedFinding, Severity } from '../config/index.js'
import { plainText } from './plain-text.js'
import type { Colors, Output } from './terminal.js'

const widest = 120

/** A finding with the line it is about, a caret under its place, and what to do. */
export function codeFrame(finding: LocatedFinding, file: string, source: readonly string[], colors: Colors): string[] {
  const { line, column, severity, message, hint } = finding
  const color = colorOf(severity, colors)
  const indent = ' '.repeat(String(line).length)
  return [
    `${colors.bold(color(`${severity}:`))} ${colors.bold(plainText(message))}`,
    `${indent}${colors.dim('-->')} ${plainText(file)}:${line}:${column}`,
    ...excerpt(finding, source, colors),
    ...(hint === undefined ? [] : [`${indent} ${colors.dim('=')} ${colors.bold('hint:')} ${plainText(hint)}`]),
  ]
}

/** Frames the errors and warnings on an output. */
export function tellFindings(
  findings: readonly LocatedFinding[],
  file: string,
  source: readonly string[],
  output: Output,
): void {
  for (const finding of findings) {
    if (finding.severity === 'info') continue
    for (const line of codeFrame(finding, file, source, output.colors)) output.line(line)
  }
}

/** The text of a file by lines, as the places of findings count them: they end with LF, CRLF or CR. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
}

/** The part of the line around the column and a caret below; nothing when the line is not at hand. */
function excerpt({ line, column, severity }: LocatedFinding, source: readonly string[], colors: Colors): string[] {
  const text = source[line - 1]
  if (text === undefined) return []
  const from = column > widest ? column - widest / 2 : 0
  const before = plainText(text.slice(from, column - 1).replaceAll('\t', ' '))
  const after = plainText(text.slice(column - 1, from + widest).replaceAll('\t', ' '))
  const number = String(line)
  return [
    `${colors.dim(`${number} |`)} ${before}${after}`.trimEnd(),
    `${colors.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(before.length)}${colorOf(severity, colors)('^')}`,
  ]
}

function colorOf(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === 'error') return colors.red
  return severity === 'warning' ? colors.yellow : colors.cyan
}
