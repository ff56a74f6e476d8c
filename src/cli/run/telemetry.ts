import type { SupervisorOptions } from '../../index.js'
import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'

export interface Traced {
  /** What the supervisor is created with. */
  readonly options: Pick<SupervisorOptions, 'telemetry'>
  /** Exports what is held back, before the program ends. */
  flush(): Promise<void>
}

const untraced: Traced = { options: {}, flush: async () => {} }

/**
 * Telemetry by the OpenTelemetry SDK that was loaded into this process, when it is asked for.
 * @throws CommandError when the package that it speaks to is not installed
 */
export async function loadTelemetry(isWanted: boolean): Promise<Traced> {
  if (!isWanted) return untraced
  try {
    const { createTelemetry, flushTelemetry } = await import('../../otel/index.js')
    return { options: { telemetry: createTelemetry() }, flush: flushTelemetry }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const message = '--telemetry needs the package "@opentelemetry/api" beside mcpvisor, and it is not installed'
    throw new CommandError(exitCodes.usage, message, 'npm install @opentelemetry/api')
  }
}
