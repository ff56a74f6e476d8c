import type { Work } from '../calls/ledger.js'
import { SupervisorError, failure } from '../errors.js'
import type { CallToolResult, Tool } from '../mcp.js'
import type { Catalog } from './catalog/catalog.js'
import type { RequestOptions } from './session/requests.js'
import { relisting } from './relisting.js'
import { readCallToolResult, wrongIn } from './catalog/results.js'
import type { Session } from './session/session.js'
import { type ToolFilter, allows } from './catalog/tool-filter.js'
import type { OutputValidator } from './validation/output-validator.js'
import { type LongText, takeText } from './wire/long-texts.js'
import { printable } from './wire/printable.js'

export interface Carrier {
  readonly server: string
  readonly session: Session
  readonly catalog: Catalog
  readonly filter: ToolFilter
  readonly mask: (text: string) => string
  /** Judges structured content by what the tool announces; absent where nobody asked for that. */
  readonly outputs?: OutputValidator | undefined
}

/** Carries one piece of work over the session and returns its checked answer. */
export async function carry(work: Work, carrier: Carrier, options: RequestOptions): Promise<unknown> {
  if (work.kind === 'connect') return undefined
  if (work.kind === 'list') return carrier.catalog.list(work.method, work.refresh, options)
  const { method, params } = work
  if (method === 'tools/call') {
    const call = () => callTool(params, carrier, options)
    return relisting(call, () => carrier.catalog.list('tools/list', true, options))
  }
  const result = await carrier.session.request(method, params, options)
  const wrong = wrongIn(method, result)
  if (wrong !== undefined) throw invalid(carrier.server, method, wrong)
  return result
}

async function callTool(params: Record<string, unknown>, carrier: Carrier, options: RequestOptions) {
  const { server, session, filter, catalog, outputs } = carrier
  const tool = String(params['name'])
  if (!allows(filter, tool)) {
    throw new SupervisorError(
      failure('SERVER_UNKNOWN', `Tool "${tool}" of server "${server}" is excluded by the configuration`, { server }),
    )
  }
  const current = catalog.current(tool)
  if (current) await current
  const refusal = catalog.refusal(tool)
  if (refusal) throw new SupervisorError(refusal)
  // As it was announced when the call was made: a change that comes with the answer is none of its business.
  const definition = catalog.definition(tool)
  const schema = outputs && definition?.outputSchema
  const asTask = isTaskOnly(definition)
  const raw = await session.request('tools/call', params, asTask ? { ...options, asTask } : options)
  const text = takeText(raw)
  const answer = readCallToolResult(raw)
  if (!('result' in answer)) throw invalid(server, `tool "${tool}"`, answer.wrong)
  if (!schema || answer.result.isError) return answer.result
  const wrong = await wrongOutput({ ...answer.result, text }, schema, carrier, options)
  if (wrong !== undefined) throw invalid(server, `tool "${tool}"`, wrong)
  return answer.result
}

/** One that says it can also be called plainly is. */
function isTaskOnly(definition: Tool | undefined): boolean {
  const { taskSupport } = (definition?.['execution'] ?? {}) as { readonly taskSupport?: unknown }
  return taskSupport === 'required'
}

async function wrongOutput(
  { structuredContent: content, text }: CallToolResult & { readonly text: LongText | undefined },
  schema: object,
  { server, outputs, mask }: Carrier,
  { cancellation }: RequestOptions,
): Promise<string | undefined> {
  if (content === undefined) return 'it has no "structuredContent", which its outputSchema demands'
  const wrong = await outputs?.judge({ server, schema, content, text, cancellation })
  return wrong && printable(mask(wrong)).slice(0, 1_000)
}

function invalid(server: string, what: string, wrong: string): SupervisorError {
  const message = `Server "${server}" answered ${what} wrongly: ${wrong}`
  return new SupervisorError(failure('RESPONSE_INVALID', message, { server, delivered: 'yes' }))
}
