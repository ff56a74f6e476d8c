import type { LocatedFinding, Severity } from '../config/index.js'
import { plainText } from './plain-text.js'
import type { Colors, Output } from './terminal.js'

const widest = 120

/** A finding with the line it is about, a caret under its place, and what to do. */
export function codeFrame(finding: LocatedFinding, file: string, source: readonly string[], colors: Colors): string[] {
  const { line, column, severity, message, hint } = finding
  const number = String(line)
  const gutter = (text: string) => colors.dim(`${text.padStart(number.length)} |`)
  const [shown, caret] = excerpt(source[line - 1] ?? '', column)
  const color = colorOf(severity, colors)
  return [
    `${colors.bold(color(`${severity}:`))} ${colors.bold(plainText(message))}`,
    `${' '.repeat(number.length)}${colors.dim('-->')} ${plainText(file)}:${line}:${column}`,
    `${gutter(number)} ${shown}`.trimEnd(),
    `${gutter('')} ${' '.repeat(caret)}${color('^')}`,
    ...(hint === undefined ? [] : [`${' '.repeat(number.length)} ${colors.dim('=')} ${colors.bold('hint:')} ${plainText(hint)}`]),
  ]
}

/** Frames the errors and warnings on an output. */
export function tellFindings(findings: readonly LocatedFinding[], file: string, source: readonly string[], output: Output): void {
  for (const finding of findings) {
    if (finding.severity === 'info') continue
    for (const line of codeFrame(finding, file, source, output.colors)) output.line(line)
  }
}

/** The text of a file by lines, as the places of findings count them: they end with LF, CRLF or CR. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
}

/** The part of a line around a column, and where that column is in it. */
function excerpt(line: string, column: number): [text: string, caret: number] {
  const from = column > widest ? column - widest / 2 : 0
  const before = plainText(line.slice(from, column - 1).replaceAll('\t', ' '))
  const after = plainText(line.slice(column - 1, from + widest).replaceAll('\t', ' '))
  return [before + after, before.length]
}

export function colorOf(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === 'error') return colors.red
  return severity === 'warning' ? colors.yellow : colors.cyan
}
