import { applyEdits, modify } from 'jsonc-parser'

import { loadConfig } from '../../config/index.js'
import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'
import { replaceFile } from '../replace-file.js'
import type { Change } from './plan.js'
import type { Target } from './read-target.js'
import { holdsSecret } from './standard-entry.js'

/** The text of a target after these changes: comments and everything else in it stay. @throws CommandError */
export function changedText({ path, text }: Target, changes: readonly Change[]): string {
  const before = text ?? '{\n  "mcpServers": {}\n}\n'
  const formattingOptions = {
    insertSpaces: !/^\t/m.test(before),
    tabSize: /^( +)\S/m.exec(before)?.[1]?.length ?? 2,
    eol: before.includes('\r\n') ? '\r\n' : '\n',
  }
  const after = changes
    .filter(({ is }) => is !== 'unchanged')
    .reduce(
      (now, { server: { name }, entry }) =>
        applyEdits(now, modify(now, ['mcpServers', name], entry, { formattingOptions })),
      before,
    )
  requireUsable(path, after, changes)
  return after
}

/** Two names may be one where only some letters are lawful, which is told by none of the two files. */
function requireUsable(path: string, text: string, changes: readonly Change[]): void {
  const { servers, document } = loadConfig(text)
  for (const { server } of changes) {
    const findings = [...document, ...(servers.get(server.name)?.findings ?? [])]
    const error = findings.find(({ severity }) => severity === 'error')
    if (error) throw new CommandError(exitCodes.configInvalid, `${path} would be invalid: ${error.message}`)
  }
}

/** Writes a target as a whole. What may hold secrets is for the user alone. Returns whether its rights were narrowed. */
export async function writeTarget({ path, mode }: Target, text: string, changes: readonly Change[]): Promise<boolean> {
  const isSecret = changes.some(({ parsed }) => holdsSecret(parsed))
  const wanted = mode ?? 0o666 & ~process.umask()
  const narrow = isSecret ? wanted & 0o600 : wanted
  try {
    await replaceFile(path, text, narrow)
  } catch (error) {
    throw new CommandError(
      exitCodes.unexpected,
      `${path} could not be written: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return mode !== undefined && narrow !== mode
}
