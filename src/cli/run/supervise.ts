import { type Supervisor, type SupervisorOptions, createSupervisor } from '../../index.js'
import { CommandError } from '../command-error.js'
import { type Configuration, readConfiguration } from '../configuration.js'
import { requireConsent, unconsented } from '../consent.js'
import { type Control, openControl } from '../control/open.js'
import { locate } from '../discover.js'
import { exitCodes } from '../exit-codes.js'
import { userTokenStore } from '../login/user-token-store.js'
import type { ConfigOptions, TokenStoreOptions } from '../options.js'
import type { Terminal } from '../terminal.js'
import { userCatalogStore } from '../user-catalog-store.js'
import { followFiles } from './follow-files.js'
import { createReload } from './reload.js'
import { loadTelemetry } from './telemetry.js'
import type { Voice } from './voice.js'

export interface SuperviseOptions extends ConfigOptions, TokenStoreOptions {
  readonly watch?: boolean
  /** Traces and measures by the SDK that was loaded into this process. */
  readonly telemetry?: boolean
}

export interface Undertaking {
  /** The verb of the command. */
  readonly command: string
  /** Each client starts one of its own. Else another instance that runs the same configuration is a reason to refuse. */
  readonly isOneOfMany: boolean
  readonly supervisor: SupervisorOptions
}

/** A configuration whose servers are supervised and that is followed, by an instance that can be controlled. */
export interface Supervised {
  readonly configuration: Configuration
  readonly supervisor: Supervisor
  /** The configuration as it is now; undefined when nobody has agreed to what is new in it. */
  readonly readAgain: () => Promise<Configuration | undefined>
  /** Hears no SIGHUP and answers no command from now on. The supervisor is the caller's to close, before. */
  end(): Promise<void>
}

/**
 * Supervises the servers of a configuration: SIGHUP reloads it, and with `watch` every change of it. Other commands reach
 * it through a control socket.
 * @throws CommandError when nobody has agreed to what it starts or another instance runs it, and what `createSupervisor`
 *   throws
 */
export async function supervise(
  options: SuperviseOptions,
  terminal: Terminal,
  voice: Voice,
  { command, isOneOfMany, supervisor: supervisorOptions }: Undertaking,
): Promise<Supervised> {
  const { watch = false, trust: isTrusted = false } = options
  const files = await locate(options.config, terminal, voice.say)
  if (watch && !isTrusted && files.some(({ isNamed }) => !isNamed)) {
    const message = 'A file that was found is not watched: whatever is written into it would be started unasked'
    throw new CommandError(exitCodes.usage, message, 'name the file with --config, or use --trust')
  }
  const configuration = await readConfiguration(files, options, voice.tell)
  for (const source of configuration.sources) await requireConsent(source, source.loaded, terminal, { isTrusted })

  const tokenStore = await userTokenStore(options, terminal)
  const traced = await loadTelemetry(options.telemetry ?? false)
  const paths = files.map(({ path }) => path)
  const control = await openControl({ paths, command, isOneOfMany, env: terminal.env })
  const { config, configPath, isComposed } = configuration
  const supervisor = await createOrClose(control, () =>
    createSupervisor(config, {
      configPath,
      watch: watch && !isComposed,
      tokenStore,
      catalogStore: userCatalogStore(terminal, paths),
      ...supervisorOptions,
      ...voice.options,
      ...traced.options,
    }),
  )
  voice.follow(supervisor, control.serve(supervisor))

  async function readAgain(): Promise<Configuration | undefined> {
    const now = await readConfiguration(files, options, voice.tell)
    const news = await Promise.all(
      now.sources.map((source) => unconsented(source, source.loaded, terminal, { isTrusted })),
    )
    const names = news.flat().map(({ name }) => name)
    if (names.length === 0) return now
    voice.say(`Not reloaded: nobody has agreed yet to start ${names.join(', ')}`)
    return undefined
  }

  const reload = createReload({ supervisor, read: readAgain, say: voice.say })
  const unfollow = watch && isComposed ? followFiles(paths, reload) : () => {}
  // A terminal that is closed sends the same signal.
  const hangUp = (): void => void (terminal.isClosed() || reload())
  process.on('SIGHUP', hangUp)
  return {
    configuration,
    supervisor,
    readAgain,
    async end() {
      unfollow()
      process.off('SIGHUP', hangUp)
      voice.end()
      await control.close()
      await traced.flush()
    },
  }
}

/** A socket must not outlive an instance that cannot begin. */
async function createOrClose(control: Control, create: () => Supervisor): Promise<Supervisor> {
  try {
    return create()
  } catch (error) {
    await control.close()
    throw error
  }
}
