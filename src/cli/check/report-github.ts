import { findingsOf } from '../config-source.js'
import type { CheckedFile } from './checked-file.js'
import { shownPath } from './report-text.js'

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const

/** The verdicts as workflow commands, which GitHub shows beside the lines they are about. */
export function reportGithub({ source, servers, unreadable }: CheckedFile, cwd: string): string[] {
  const file = property(shownPath(source.path, cwd))
  const findings = findingsOf(source.loaded).map(({ severity, code, message, hint, line, column }) => {
    const text = hint === undefined ? message : `${message} (${hint})`
    return `::${levels[severity]} file=${file},line=${line},col=${column},title=${property(code)}::${data(text)}`
  })
  const failures = servers.flatMap(({ unresolved, probe }) => {
    const text = unresolved ?? (probe && !probe.ok ? `${probe.code}: ${probe.message}` : undefined)
    return text === undefined ? [] : [`::error file=${file}::${data(text)}`]
  })
  const unread = unreadable === undefined ? [] : [`::error file=${file}::${data(unreadable)}`]
  return [...unread, ...findings, ...failures]
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
