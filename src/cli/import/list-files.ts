import { failureOf } from '../command-error.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { plainText } from '../plain-text.js'
import { tableLines } from '../table.js'
import type { Terminal } from '../terminal.js'
import type { ForeignFile } from './find-files.js'
import { readForeignServers } from './foreign-servers.js'

interface ListedFile {
  readonly client: string
  readonly path: string
  readonly servers: readonly string[]
  /** Why it cannot be read. */
  readonly problem?: string
}

/** `mcpvisor import --list`: the files of other clients on this machine, and their servers by name. Writes nothing. */
export async function listFiles(
  files: readonly ForeignFile[],
  isJson: boolean,
  { out, err, cwd }: Terminal,
): Promise<ExitCode> {
  const all = await Promise.all(files.map((file) => listed(file, cwd)))
  // Settings of editors are mostly about something else.
  const relevant = all.filter(({ servers, problem }) => servers.length > 0 || problem !== undefined)
  if (isJson) out.line(JSON.stringify({ files: relevant }, null, 2))
  else if (relevant.length === 0) err.line('No client on this machine has servers')
  else {
    for (const line of tableLines(listColumns, relevant, out)) out.line(line)
    err.line('Import those of a client: mcpvisor import --from <client>')
  }
  return exitCodes.ok
}

const listColumns = [
  { title: 'CLIENT', cell: ({ client }: ListedFile) => client },
  { title: 'FILE', cell: ({ path }: ListedFile) => plainText(path) },
  {
    title: 'SERVERS',
    cell: ({ servers, problem }: ListedFile) => plainText(problem ?? servers.join(', ')),
    spare: 1,
  },
]

async function listed(file: ForeignFile, cwd: string): Promise<ListedFile> {
  const { path, client } = file
  try {
    const { servers } = await readForeignServers(file, cwd, cwd)
    return { client: client.name, path, servers: servers.map(({ name }) => name) }
  } catch (error) {
    return { client: client.name, path, servers: [], problem: failureOf(error).message }
  }
}
