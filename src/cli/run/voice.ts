import { pino } from 'pino'

import type { Supervisor, SupervisorOptions } from '../../index.js'
import { tellFindings } from '../code-frame.js'
import { type ConfigSource, findingsOf } from '../config-source.js'
import type { Records } from '../control/records.js'
import { createLiveBlock } from '../live/live-block.js'
import { plainText } from '../plain-text.js'
import { statusTable } from '../status-table.js'
import type { Output } from '../terminal.js'
import { narrate } from './narrate.js'

/** How a foreground program says on stderr what happens: lines and a table for people, or records for machines. */
export interface Voice {
  say(text: string): void
  /** Tells what is wrong in a configuration. */
  tell(source: ConfigSource): void
  /** What the supervisor needs to speak with this voice. */
  readonly options: Pick<SupervisorOptions, 'logger'>
  /** Tells from now on what a supervisor does. */
  follow(supervisor: Supervisor, records: Records): void
  /** Takes back what is only shown for now. */
  end(): void
}

export interface VoiceOptions {
  readonly logFormat: 'pretty' | 'json'
  readonly logLevel: string
  /** Only what goes wrong. */
  readonly quiet?: boolean
  /** Also what servers write to stderr. */
  readonly verbose?: boolean
}

export function createVoice(options: VoiceOptions, err: Output): Voice {
  if (options.logFormat === 'json') return records(options.logLevel)
  return err.isLive && !options.quiet ? table(options, err) : lines(options, err)
}

function lines({ quiet = false, verbose = false }: VoiceOptions, err: Output): Voice {
  return {
    say: (text) => void (quiet || err.line(plainText(text))),
    tell: (source) => tellFindings(findingsOf(source.loaded), source.path, source.lines, err),
    options: {},
    follow: (supervisor) => narrate(supervisor, err, { isQuiet: quiet, isVerbose: verbose }),
    end() {},
  }
}

/** How often times that pass are told anew, and how many changes are one. */
const refreshMs = 1_000
const settleMs = 60

/** The same lines, above a table of the servers that follows every change. */
function table(options: VoiceOptions, err: Output): Voice {
  const block = createLiveBlock(err)
  let end = (): void => {}
  return {
    ...lines(options, { ...err, line: block.above }),
    follow(supervisor, { view, onChange }) {
      const draw = (): void => {
        const views = supervisor.servers().map(view)
        block.draw(views.length === 0 ? [] : statusTable(views, err))
      }
      let soon: NodeJS.Timeout | undefined
      const stop = onChange(() => {
        soon ??= setTimeout(() => {
          soon = undefined
          draw()
        }, settleMs)
      })
      const refresh = setInterval(draw, refreshMs).unref()
      narrate(supervisor, { ...err, line: block.above }, { isQuiet: false, isVerbose: options.verbose ?? false })
      end = () => {
        stop()
        clearTimeout(soon)
        clearInterval(refresh)
        block.erase()
      }
    },
    end: () => end(),
  }
}

/** The supervisor writes most records by itself. Synchronous, so that none is missing when the process ends. */
function records(level: string): Voice {
  const logger = pino({ level }, pino.destination({ dest: 2, sync: true }))
  return {
    say: (text) => logger.info(text),
    tell({ path, loaded }) {
      for (const finding of findingsOf(loaded)) {
        const { severity } = finding
        if (severity !== 'info')
          logger[severity === 'error' ? 'error' : 'warn'](
            { event: 'config.found', file: path, ...finding },
            finding.message,
          )
      }
    },
    options: { logger },
    follow() {},
    end() {},
  }
}
