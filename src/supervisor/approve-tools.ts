import type { HeldDefinition } from '../catalogs/catalog.js'
import type { Pin } from '../catalogs/pins.js'
import type { ToolPins } from '../catalogs/tool-pins.js'
import { isObject } from '../config/plain-data.js'
import { shown, typeName } from '../config/wording.js'
import { SupervisorError, configInvalid, failure } from '../errors.js'
import type { EventOf } from '../events.js'
import type { HeldTools } from './held-tools.js'
import type { Servers } from './servers.js'

export interface ApproveToolsPorts {
  readonly servers: Pick<Servers, 'parsed' | 'entry' | 'actor'>
  readonly held: HeldTools
  readonly pins: Pick<ToolPins, 'has' | 'approve'>
  readonly emit: (event: EventOf<'tools.approved'>) => void
}

/** Makes the function that trusts definitions that are held: those that are named, or all that are held now. */
export function createApproveTools({ servers, held, pins, emit }: ApproveToolsPorts) {
  /** Those that are seen from now on count at once, without another listing. */
  function count(name: string, more: number): void {
    const actor = servers.actor({ name })
    const tools = actor?.getSnapshot().context.connection?.tools
    if (tools !== undefined) actor?.send({ type: 'tools.listed', tools: tools + more })
  }

  return async (name: string, tools?: readonly Pin[]): Promise<readonly Pin[]> => {
    servers.parsed(name)
    const wanted = tools && checked(tools)
    const entry = servers.entry(name)
    const waiting = held(name)
    const isTrusted = (pin: Pin) => entry !== undefined && pins.has({ name, entry }, pin)
    const asked = wanted?.filter((pin) => !isTrusted(pin)) ?? waiting
    for (const pin of asked) if (!waiting.some((each) => isSame(each, pin))) throw swapped(name, pin, waiting)
    const chosen = [...new Map(asked.map((pin) => [pin.name, pinOf(pin)])).values()]
    if (!entry || chosen.length === 0) return []
    pins.approve({ name, entry }, chosen)
    count(name, chosen.length)
    emit({ type: 'tools.approved', server: name, tools: chosen })
    return chosen
  }
}

const pinOf = ({ name, digest }: Pin): Pin => ({ name, digest })
const isSame = (a: Pin, b: Pin) => a.name === b.name && a.digest === b.digest

function checked(tools: unknown): readonly Pin[] {
  if (!Array.isArray(tools)) throw configInvalid(`The tools to approve must be an array, got ${typeName(tools)}`)
  for (const tool of tools as unknown[]) {
    const { name, digest } = isObject(tool) ? tool : {}
    if (typeof name !== 'string' || typeof digest !== 'string')
      throw configInvalid(`A tool to approve must have a "name" and a "digest", both strings, got ${shown(tool)}`)
  }
  return tools as readonly Pin[]
}

function swapped(server: string, { name, digest }: Pin, waiting: readonly HeldDefinition[]): SupervisorError {
  const now = waiting.find((each) => each.name === name)
  const state = now ? `is held with the definition ${now.digest} now, not ${digest}` : 'is not held'
  const message = `Nothing was approved: tool "${name}" of server "${server}" ${state}`
  return new SupervisorError(failure('TOOL_HELD', message, { server }))
}
