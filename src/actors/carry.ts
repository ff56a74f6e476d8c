import type { Work } from '../calls/ledger.js'
import { SupervisorError, failure } from '../errors.js'
import type { Catalog } from './catalog/catalog.js'
import type { RequestOptions } from './session/requests.js'
import { wrongIn } from './catalog/results.js'
import type { Session } from './session/session.js'
import { type ToolFilter, allows } from './catalog/tool-filter.js'
import { readCallToolResult } from './catalog/tools.js'

export interface Carrier {
  readonly server: string
  readonly session: Session
  readonly catalog: Catalog
  readonly filter: ToolFilter
}

/** Carries one piece of work over the session and returns its checked answer. */
export async function carry(work: Work, carrier: Carrier, options: RequestOptions): Promise<unknown> {
  if (work.kind === 'connect') return undefined
  if (work.kind === 'list') return carrier.catalog.list(work.method, work.refresh, options)
  const { method, params } = work
  if (method === 'tools/call') return callTool(params, carrier, options)
  const result = await carrier.session.request(method, params, options)
  const wrong = wrongIn(method, result)
  if (wrong !== undefined) throw invalid(carrier.server, method, wrong)
  return result
}

async function callTool(
  params: Record<string, unknown>,
  { server, session, filter }: Carrier,
  options: RequestOptions,
) {
  const tool = String(params['name'])
  if (!allows(filter, tool)) {
    throw new SupervisorError(
      failure('SERVER_UNKNOWN', `Tool "${tool}" of server "${server}" is excluded by the configuration`, { server }),
    )
  }
  const answer = readCallToolResult(await session.request('tools/call', params, options))
  if ('result' in answer) return answer.result
  throw invalid(server, `tool "${tool}"`, answer.wrong)
}

function invalid(server: string, what: string, wrong: string): SupervisorError {
  const message = `Server "${server}" answered ${what} wrongly: ${wrong}`
  return new SupervisorError(failure('RESPONSE_INVALID', message, { server, delivered: 'yes' }))
}
