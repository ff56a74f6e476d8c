import { loadConfigFile } from '../config/load-file.js'
import type { LocatedFinding } from '../config/load.js'
import { SupervisorError, asFailure, configInvalid, messageOf } from '../errors.js'
import type { ReloadReport, SupervisorEvent } from '../events.js'

export interface FileReloadsPorts {
  readonly path: string
  /** The configuration that the host read from the file. */
  readonly config: unknown
  readonly reload: (config: unknown) => Promise<ReloadReport>
  readonly emit: (event: SupervisorEvent) => void
}

/**
 * Returns what to call when the configuration file has changed: it reads the file and reloads. A file that cannot be used
 * is told as `config.refused` and changes nothing. The first call does nothing when the host has read the same.
 */
export function createFileReloads({ path, config, reload, emit }: FileReloadsPorts): () => void {
  let given: string | undefined = JSON.stringify(config)
  let turn: Promise<unknown> = Promise.resolve()

  function refuse(error: SupervisorError, findings: readonly LocatedFinding[] = []): void {
    emit({ type: 'config.refused', path, error: asFailure(error), findings })
  }

  async function follow(): Promise<void> {
    const loaded = await loadConfigFile(path)
    const isAsGiven = given !== undefined && given === JSON.stringify(loaded.config)
    given = undefined
    if (isAsGiven) return
    const findings = [...loaded.document, ...[...loaded.servers.values()].flatMap((server) => server.findings)]
    const errors = findings.filter(({ severity }) => severity === 'error')
    const [first] = errors
    if (first) refuse(invalid(path, first, errors.length - 1), errors)
    // Not awaited: the next change need not wait until the servers of this one have drained. It never rejects.
    else void reload(loaded.config)
  }

  return () => {
    turn = turn
      .then(follow)
      .catch((error: unknown) => refuse(error instanceof SupervisorError ? error : broken(path, error)))
  }
}

function invalid(path: string, { line, column, message }: LocatedFinding, others: number): SupervisorError {
  const more = others > 0 ? `, and ${others} more` : ''
  return configInvalid(`${path}:${line}:${column}: ${message}${more}`)
}

function broken(path: string, cause: unknown): SupervisorError {
  return configInvalid(`Configuration file "${path}" could not be used: ${messageOf(cause)}`, cause)
}
