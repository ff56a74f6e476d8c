import { counted } from '../counted.js'
import type { ExitCode } from '../exit-codes.js'
import { type SuperviseOptions, supervise } from '../run/supervise.js'
import { createPage } from '../run/live-page.js'
import { untilStopped } from '../run/until-stopped.js'
import { type VoiceOptions, createVoice } from '../run/voice.js'
import type { Terminal } from '../terminal.js'

export interface RunOptions extends VoiceOptions, SuperviseOptions {
  /** Opens the live page. */
  readonly inspect?: boolean
}

/** `mcpvisor run`: starts every server and keeps it running until the first signal, which lets all of them finish. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const voice = createVoice(options, terminal.err)
  const page = options.inspect ? await createPage() : undefined
  const { configuration, supervisor, readAgain, end } = await supervise(options, terminal, voice, {
    command: 'run',
    isOneOfMany: false,
    supervisor: { defaults: { start: 'eager' }, ...page?.seen },
  })
  const paths = configuration.files.map(({ path }) => path).join(', ')
  voice.say(`Supervising ${counted(supervisor.servers().length, 'server')} of ${paths}`)
  try {
    await page?.open({ supervisor, readAgain, say: voice.say })
    return await untilStopped(supervisor, terminal.gone, voice.say)
  } finally {
    await end()
  }
}
