import { counted } from '../counted.js'
import type { ExitCode } from '../exit-codes.js'
import { type SupervisedFileOptions, superviseFile } from '../run/supervised-file.js'
import { untilStopped } from '../run/until-stopped.js'
import { type VoiceOptions, createVoice } from '../run/voice.js'
import type { Terminal } from '../terminal.js'

export interface RunOptions extends VoiceOptions, SupervisedFileOptions {}

/** `mcpvisor run`: starts every server and keeps it running until the first signal, which lets all of them finish. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const voice = createVoice(options, terminal.err)
  const defaults = { start: 'eager' } as const
  const { supervisor, path, deafen } = await superviseFile(options, terminal, voice, { defaults })
  voice.say(`Supervising ${counted(supervisor.servers().length, 'server')} of ${path}`)
  try {
    return await untilStopped(supervisor, terminal.gone, voice.say)
  } finally {
    deafen()
  }
}
