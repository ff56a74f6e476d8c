import { createSupervisor } from '../../index.js'
import { CommandError } from '../command-error.js'
import { type ConfigSource, readConfigSource } from '../config-source.js'
import { requireConsent, unconsented } from '../consent.js'
import { counted } from '../counted.js'
import { locate } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { reloadOnHangUp } from '../run/reload-on-hang-up.js'
import { untilStopped } from '../run/until-stopped.js'
import { type VoiceOptions, createVoice } from '../run/voice.js'
import type { Terminal } from '../terminal.js'

export interface RunOptions extends VoiceOptions {
  readonly config?: string
  readonly watch?: boolean
  readonly trust?: boolean
}

/** `mcpvisor run`: starts every server and keeps it running until the first signal, which lets all of them finish. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const { watch = false, trust: isTrusted = false } = options
  const voice = createVoice(options, terminal.err)
  const located = await locate(options.config, terminal, voice.say)
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

  const defaults = { start: 'eager' } as const
  const supervisor = createSupervisor(config, { configPath: path, watch, defaults, ...voice.options })
  voice.follow(supervisor)
  voice.say(`Supervising ${counted(supervisor.servers().length, 'server')} of ${path}`)

  async function accept(changed: ConfigSource): Promise<boolean> {
    voice.tell(changed)
    const news = await unconsented(located, changed.loaded, terminal, { isTrusted })
    if (news.length > 0)
      voice.say(`Not reloaded: nobody has agreed yet to start ${news.map(({ name }) => name).join(', ')}`)
    return news.length === 0
  }
  const deafen = reloadOnHangUp({ supervisor, path, accept, say: voice.say })
  try {
    return await untilStopped(supervisor, terminal.gone, voice.say)
  } finally {
    deafen()
  }
}
