import type { Work } from '../calls/ledger.js'
import { SupervisorError, failure } from '../errors.js'
import type { Catalog } from './catalog.js'
import type { RequestOptions } from './requests.js'
import type { Session } from './session.js'
import { type ToolFilter, allows } from './tool-filter.js'
import { readCallToolResult } from './tools.js'

export interface Carrier {
  readonly server: string
  readonly session: Session
  readonly catalog: Catalog
  readonly filter: ToolFilter
}

/** Carries one piece of work over the session and returns its checked answer. */
export async function carry(work: Work, carrier: Carrier, options: RequestOptions): Promise<unknown> {
  if (work.kind === 'connect') return undefined
  if (work.kind === 'list') return carrier.catalog.list(work.refresh, options.cancellation)
  if (work.method === 'tools/call') return callTool(work.params, carrier, options)
  return carrier.session.request(work.method, work.params, options)
}

async function callTool(params: Record<string, unknown>, { server, session, filter }: Carrier, options: RequestOptions) {
  const tool = String(params['name'])
  if (!allows(filter, tool)) {
    throw new SupervisorError(
      failure('SERVER_UNKNOWN', `Tool "${tool}" of server "${server}" is excluded by the configuration`, { server }),
    )
  }
  const answer = readCallToolResult(await session.request('tools/call', params, options))
  if ('result' in answer) return answer.result
  throw new SupervisorError(
    failure('RESPONSE_INVALID', `Server "${server}" answered tool "${tool}" wrongly: ${answer.wrong}`, {
      server,
      delivered: 'yes',
    }),
  )
}
