import { dirname } from 'node:path'

import { type FindingCode, type ServerEntry, type ServerVerdict, loadConfig } from '../../config/index.js'
import { CommandError, failureOf } from '../command-error.js'
import { inFolder } from '../configuration.js'
import { exitCodes } from '../exit-codes.js'
import { isObject } from '../plain-object.js'
import { translate } from './dialect.js'
import { dialectOf, gemini } from './dialects.js'
import type { ForeignFile } from './find-files.js'
import { type Variable, createInputs } from './inputs.js'
import { readDocument } from './read-document.js'

/** A server of another client, as we understand it. */
export interface ForeignServer {
  readonly name: string
  readonly file: ForeignFile
  /** Absent for one that cannot be taken over. */
  readonly entry?: ServerEntry
  /** Why it cannot be taken over. */
  readonly problem?: string
  /** What of it cannot be carried over. */
  readonly leftOut: readonly string[]
  readonly variables: readonly Variable[]
}

export interface ForeignServers {
  readonly servers: readonly ForeignServer[]
  /** What of the document is left out. */
  readonly leftOut: readonly string[]
}

/** What is told: parts that mean nothing here, and what to look at. All else is carried over, in our words where they are others. */
const lossy: ReadonlySet<FindingCode> = new Set([
  ...(['ignored-key', 'ignored-section', 'unknown-key', 'inert-key', 'executes-command', 'auth-conflict'] as const),
  ...(['foreign-placeholder', 'bare-dollar', 'bad-placeholder', 'placeholder-value', 'disabled'] as const),
])

/**
 * Reads the servers of another client. `folder` is the project at hand, `target` the folder that they will be written to.
 * @throws CommandError when the file cannot be read at all
 */
export async function readForeignServers(file: ForeignFile, folder: string, target: string): Promise<ForeignServers> {
  const { value, leftOut: sections } = await readDocument(file.path)
  const dialect = file.client.dialect ?? dialectOf(value)
  const { servers, leftOut = [] } = inFile(file.path, () => translate(value, dialect, folder))
  const withoutInputs = createInputs(value)
  const here = dirname(file.path)
  const asked = Object.entries(servers).map(([name, written]) => {
    const placed = isObject(written) && here !== target ? inFolder(written, here) : written
    return [name, withoutInputs(placed)] as const
  })
  const variables = new Map(asked.map(([name, of]) => [name, of.variables]))
  const mcpServers = Object.fromEntries(asked.map(([name, { entry }]) => [name, entry]))
  const judged = loadConfig(JSON.stringify({ mcpServers }))
  const named = judged.document.flatMap(({ code, message }) => (code === 'bad-name' ? [message] : []))
  return {
    leftOut: [...(dialect === gemini ? [] : sections), ...leftOut, ...named],
    servers: [...judged.servers].map(([name, verdict]) => ({
      name,
      file,
      ...outcomeOf(verdict),
      variables: variables.get(name) ?? [],
    })),
  }
}

function outcomeOf({ entry, findings }: ServerVerdict): Pick<ForeignServer, 'entry' | 'problem' | 'leftOut'> {
  const error = findings.find(({ severity }) => severity === 'error')
  if (error || !entry) return { problem: error?.message ?? 'it is invalid', leftOut: [] }
  return { entry, leftOut: findings.flatMap(({ code, message }) => (lossy.has(code) ? [message] : [])) }
}

/** A map of servers that is none is told without its file. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new CommandError(exitCodes.configInvalid, `${path}: ${failureOf(error).message}`)
  }
}
