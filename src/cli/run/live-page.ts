import { type Supervisor, type SupervisorOptions, SupervisorError } from '../../index.js'
import { failureOf } from '../command-error.js'
import type { Configuration } from '../configuration.js'

export interface LivePage {
  /** What the supervisor is created with, so that the page sees it from the start. */
  readonly seen: Pick<SupervisorOptions, 'inspect'>
  /** Opens the page and says where it is. Without a page the servers run all the same. */
  open(of: Shown): Promise<void>
}

interface Shown {
  readonly supervisor: Supervisor
  /** What the page's button "Reload" puts in force. */
  readonly readAgain: () => Promise<Configuration | undefined>
  readonly say: (text: string) => void
}

/** The page that shows a supervisor at work, not yet opened. Loaded only when it is asked for. */
export async function createPage(): Promise<LivePage> {
  const { createRecorder, openInspector } = await import('../../inspect/index.js')
  const recorder = createRecorder()
  return {
    seen: { inspect: recorder.inspect },
    async open({ supervisor, readAgain, say }) {
      const reload = async () => {
        const now = await readAgain()
        return now ? supervisor.reload(now.config) : refused
      }
      try {
        const { url, statelyUrl } = await openInspector(supervisor, { recorder, reload })
        say(`Live page: ${url}`)
        say(`Stately inspector, with a page of stately.ai: ${statelyUrl}`)
      } catch (error) {
        say(`No live page: ${failureOf(error).message}`)
      }
    },
  }
}

const refused = {
  ok: false,
  error: new SupervisorError({
    code: 'CONFIG_INVALID',
    message: 'Nobody has agreed yet to start what is new in the configuration',
    delivered: 'no',
    retryable: false,
  }),
} as const
