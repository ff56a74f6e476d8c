import { pino } from 'pino'

import { createSupervisor } from '../../index.js'
import { tellFindings } from '../code-frame.js'
import { type ConfigSource, findingsOf, readConfigSource } from '../config-source.js'
import { requireConsent, unconsented } from '../consent.js'
import { locate } from '../discover.js'
import { CommandError, type ExitCode, exitCodes } from '../exit-codes.js'
import { counted, plainText } from '../plain-text.js'
import { narrate } from '../run/narrate.js'
import { reloadOnHangUp } from '../run/reload-on-hang-up.js'
import { untilStopped } from '../run/until-stopped.js'
import type { Terminal } from '../terminal.js'

export interface RunOptions {
  readonly config?: string
  readonly watch?: boolean
  readonly trust?: boolean
  readonly logFormat: 'pretty' | 'json'
  readonly logLevel: string
}

/** `mcpvisor run`: starts every server and keeps it running until the first signal, which lets all of them finish. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const { watch = false, trust: isTrusted = false } = options
  const { err, gone } = terminal
  const located = await locate(options.config, terminal)
  const { path, isNamed } = located
  if (watch && !isNamed && !isTrusted) {
    const message = 'A file that was found is not watched: whatever is written into it would be started unasked'
    throw new CommandError(exitCodes.usage, message, 'name the file with --config, or use --trust')
  }
  const source = await readConfigSource(path)
  tellFindings(findingsOf(source.loaded), path, source.lines, err)
  const { config } = source.loaded
  if (config === undefined) throw new CommandError(exitCodes.configInvalid, `${path} cannot be used`)
  await requireConsent(located, source.loaded, terminal, { isTrusted })

  const logger = options.logFormat === 'json' ? createLogger(options.logLevel) : undefined
  const say = (text: string) => (logger ? logger.info(text) : err.line(plainText(text)))
  const supervisor = createSupervisor(config, {
    configPath: path,
    watch,
    defaults: { start: 'eager' },
    ...(logger && { logger }),
  })
  if (!logger) narrate(supervisor, err)
  say(`Supervising ${counted(supervisor.servers().length, 'server')} of ${path}`)

  async function accept({ loaded, lines }: ConfigSource): Promise<boolean> {
    if (!logger) tellFindings(findingsOf(loaded), path, lines, err)
    const news = await unconsented(located, loaded, terminal, { isTrusted })
    if (news.length > 0) say(`Not reloaded: nobody has agreed yet to start ${news.map(({ name }) => name).join(', ')}`)
    return news.length === 0
  }
  const deafen = reloadOnHangUp({ supervisor, path, accept, say })
  try {
    return await untilStopped(supervisor, gone, say)
  } finally {
    deafen()
  }
}

/** Records on stderr, written before anything else happens: none is missing when the process ends. */
function createLogger(level: string) {
  return pino({ level }, pino.destination({ dest: 2, sync: true }))
}
