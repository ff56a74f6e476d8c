import { type Supervisor, type SupervisorOptions, createSupervisor } from '../../index.js'
import { CommandError } from '../command-error.js'
import { type ConfigSource, readConfigSource } from '../config-source.js'
import { requireConsent, unconsented } from '../consent.js'
import { locate } from '../discover.js'
import { exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'
import { reloadOnHangUp } from './reload-on-hang-up.js'
import type { Voice } from './voice.js'

export interface SupervisedFileOptions {
  readonly config?: string
  readonly watch?: boolean
  readonly trust?: boolean
}

/** A configuration file whose servers are supervised, and that is followed. */
export interface SupervisedFile {
  readonly path: string
  readonly source: ConfigSource
  readonly supervisor: Supervisor
  /** Hears no SIGHUP from now on. The supervisor is the caller's to close. */
  deafen(): void
}

/**
 * Supervises the servers of a configuration file: SIGHUP reloads it, and with `watch` every change of it.
 * @throws CommandError when nobody has agreed to what it starts, and what `createSupervisor` throws
 */
export async function superviseFile(
  { config: named, watch = false, trust: isTrusted = false }: SupervisedFileOptions,
  terminal: Terminal,
  voice: Voice,
  supervisorOptions: SupervisorOptions,
): Promise<SupervisedFile> {
  const located = await locate(named, terminal, voice.say)
  const { path, isNamed } = located
  if (watch && !isNamed && !isTrusted) {
    const message = 'A file that was found is not watched: whatever is written into it would be started unasked'
    throw new CommandError(exitCodes.usage, message, 'name the file with --config, or use --trust')
  }
  const source = await readConfigSource(path)
  voice.tell(source)
  const { config } = source.loaded
  if (config === undefined) throw new CommandError(exitCodes.configInvalid, `${path} cannot be used`)
  await requireConsent(located, source.loaded, terminal, { isTrusted })

  const supervisor = createSupervisor(config, { configPath: path, watch, ...supervisorOptions, ...voice.options })
  voice.follow(supervisor)

  async function accept(changed: ConfigSource): Promise<boolean> {
    voice.tell(changed)
    const news = await unconsented(located, changed.loaded, terminal, { isTrusted })
    if (news.length > 0)
      voice.say(`Not reloaded: nobody has agreed yet to start ${news.map(({ name }) => name).join(', ')}`)
    return news.length === 0
  }
  const deafen = reloadOnHangUp({ supervisor, path, accept, say: voice.say })
  return { path, source, supervisor, deafen }
}
