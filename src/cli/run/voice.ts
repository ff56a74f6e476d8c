import { pino } from 'pino'

import type { Supervisor, SupervisorOptions } from '../../index.js'
import { tellFindings } from '../code-frame.js'
import { type ConfigSource, findingsOf } from '../config-source.js'
import { plainText } from '../plain-text.js'
import type { Output } from '../terminal.js'
import { narrate } from './narrate.js'

/** How a foreground program says on stderr what happens: lines for people, or records for machines. */
export interface Voice {
  say(text: string): void
  /** Tells what is wrong in a configuration. */
  tell(source: ConfigSource): void
  /** What the supervisor needs to speak with this voice. */
  readonly options: Pick<SupervisorOptions, 'logger'>
  /** Tells from now on what a supervisor does. */
  follow(supervisor: Supervisor): void
}

export interface VoiceOptions {
  readonly logFormat: 'pretty' | 'json'
  readonly logLevel: string
}

export function createVoice({ logFormat, logLevel }: VoiceOptions, err: Output): Voice {
  return logFormat === 'json' ? records(logLevel) : lines(err)
}

function lines(err: Output): Voice {
  return {
    say: (text) => err.line(plainText(text)),
    tell: (source) => tellFindings(findingsOf(source.loaded), source.path, source.lines, err),
    options: {},
    follow: (supervisor) => narrate(supervisor, err),
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
  }
}
