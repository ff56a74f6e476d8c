import type { ServerEntry } from '../../config/index.js'
import { counted } from '../counted.js'
import { plainText } from '../plain-text.js'
import { tableLines } from '../table.js'
import type { Output } from '../terminal.js'
import type { ForeignServer } from './foreign-servers.js'
import type { Change } from './plan.js'

/** What an import came to. */
export interface Imported {
  readonly target: string
  readonly isWritten: boolean
  readonly changes: readonly Change[]
  /** What is not carried over, or should be looked at. */
  readonly leftOut: readonly string[]
}

export function reportJson({ target, isWritten, changes, leftOut }: Imported): string {
  const servers = changes.map(({ is, server: { name, file, variables } }) => ({
    name,
    change: is,
    client: file.client.name,
    from: file.path,
    ...(variables.length > 0 && { variables }),
  }))
  return JSON.stringify({ target, written: isWritten, servers, notes: leftOut }, null, 2)
}

/** The servers on stdout, and on stderr what is left for the user to do. */
export function reportText({ target, isWritten, changes, leftOut }: Imported, out: Output, err: Output): void {
  if (changes.length > 0) for (const line of changeTable(changes, out)) out.line(line)
  for (const text of leftOut) err.line(`${err.colors.yellow('note:')} ${plainText(text)}`)
  for (const { server } of changes) for (const line of variableLines(server)) err.line(line)
  if (changes.length > 0) err.line(plainText(summaryOf(changes, target, isWritten)))
}

function changeTable(changes: readonly Change[], out: Output): string[] {
  return tableLines(
    [
      { title: 'SERVER', cell: ({ server }) => plainText(server.name) },
      { title: 'CHANGE', cell: ({ is }) => (is === 'unchanged' ? out.colors.dim(is) : out.colors.green(is)) },
      { title: 'REACHED BY', cell: ({ parsed }) => plainText(reachOf(parsed)), spare: 2 },
      { title: 'FROM', cell: ({ server }) => plainText(server.file.path), spare: 1 },
    ],
    changes,
    out,
  )
}

const launchers = ['npx', 'bunx', 'uvx', 'pipx']

/** The program or the host: arguments and the rest of an address may hold secrets. Of a launcher, what it launches too. */
function reachOf({ endpoint }: ServerEntry): string {
  if (endpoint.transport !== 'stdio') return URL.canParse(endpoint.url) ? new URL(endpoint.url).host : 'a URL'
  const { command, args } = endpoint
  const launched = launchers.includes(command) ? args.find((word) => !word.startsWith('-')) : undefined
  return launched === undefined ? command : `${command} ${launched}`
}

function variableLines({ name, variables }: ForeignServer): string[] {
  return variables.map((variable) => {
    const what = variable.description === undefined ? '' : ` (${variable.description})`
    return plainText(`${name}: set the variable ${variable.name}${what}`)
  })
}

function summaryOf(changes: readonly Change[], target: string, isWritten: boolean): string {
  const count = changes.filter(({ is }) => is !== 'unchanged').length
  if (count === 0) return `${target} has them all already`
  return isWritten
    ? `Wrote ${counted(count, 'server')} to ${target}`
    : `Would write ${counted(count, 'server')} to ${target}`
}
