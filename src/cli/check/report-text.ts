import { isAbsolute, relative } from 'node:path'

import { codeFrame } from '../code-frame.js'
import { findingsOf } from '../config-source.js'
import { counted } from '../counted.js'
import { plainText } from '../plain-text.js'
import type { Colors } from '../terminal.js'
import type { CheckedFile, CheckedServer } from './checked-file.js'
import type { Probe } from './probe.js'

export interface TextOptions {
  readonly cwd: string
  readonly colors: Colors
  /** Also tell what is merely worth knowing. */
  readonly isVerbose: boolean
}

/** The verdicts as people read them: a line for each server, then each finding with the place it is about. */
export function reportText(
  { source, servers, unreadable }: CheckedFile,
  { cwd, colors, isVerbose }: TextOptions,
): string[] {
  const file = shownPath(source.path, cwd)
  if (unreadable !== undefined) {
    return [
      colors.bold(plainText(file)),
      '',
      `${colors.bold(colors.red('error:'))} ${colors.bold(plainText(unreadable))}`,
    ]
  }
  const findings = findingsOf(source.loaded).filter(({ severity }) => isVerbose || severity !== 'info')
  const width = Math.max(...servers.map(({ name }) => plainText(name).length))
  return [
    colors.bold(plainText(file)),
    ...servers.flatMap((server) => [serverLine(server, width, colors), ...stderrLines(server, colors)]),
    ...findings.flatMap((finding) => ['', ...codeFrame(finding, file, source.lines, colors)]),
    '',
    summary(
      source.loaded.document.some(({ severity }) => severity === 'error'),
      servers,
    ),
  ]
}

/** Relative when that is shorter to read. */
export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path)
  return near.startsWith('..') || isAbsolute(near) ? path : near
}

function serverLine(server: CheckedServer, width: number, colors: Colors): string {
  const { name, probe } = server
  const { word, color } = outcomeOf(server)
  const detail = server.unresolved ?? (probe && detailOf(probe)) ?? ''
  return `  ${colors[color](word.padEnd(11))}  ${plainText(name).padEnd(width)}  ${plainText(detail)}`.trimEnd()
}

function outcomeOf({ verdict, isDisabled, unresolved, probe }: CheckedServer): {
  word: string
  color: 'red' | 'yellow' | 'green' | 'dim'
} {
  if (verdict === 'invalid') return { word: 'invalid', color: 'red' }
  const isUnresolved = unresolved !== undefined || (probe?.ok === false && probe.code === 'CONFIG_UNRESOLVED')
  if (isUnresolved) return { word: 'unresolved', color: 'red' }
  if (probe?.ok === false) return { word: 'unavailable', color: 'red' }
  if (verdict === 'valid-with-warning') return { word: 'warning', color: 'yellow' }
  return isDisabled ? { word: 'disabled', color: 'dim' } : { word: 'ok', color: 'green' }
}

function detailOf(probe: Probe): string {
  if (!probe.ok) return `${probe.code}: ${probe.message}`
  const { tools, connectMs, listMs, protocolVersion } = probe
  return `${counted(tools, 'tool')}, connected in ${connectMs} ms, listed in ${listMs} ms, protocol ${protocolVersion ?? 'unknown'}`
}

function stderrLines({ probe }: CheckedServer, colors: Colors): string[] {
  const tail = (probe && !probe.ok && probe.stderrTail) || ''
  const lines = tail.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-5).map((line) => colors.dim(`      stderr: ${plainText(line)}`))
}

function summary(isUnusable: boolean, servers: readonly CheckedServer[]): string {
  const words = servers.map((server) => outcomeOf(server).word)
  const counts = [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`)
  if (servers.length === 0) return isUnusable ? 'The file cannot be used' : 'No server is configured'
  return `${counted(servers.length, 'server')}: ${counts.join(', ')}`
}
