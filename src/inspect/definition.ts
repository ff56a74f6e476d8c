const definitions = new WeakMap<object, string>()

interface Definable {
  readonly id?: string
  readonly sessionId: string
  readonly logic?: { readonly config?: unknown }
}

/** The name of an actor and its statechart as JSON, made once for each machine. It is our source, not data: it holds no secret. */
export function definitionOf(actorRef: object): { name: string; definition: string } {
  const { id = '', sessionId, logic } = actorRef as Definable
  const config = logic?.config
  // A callback actor has no statechart, and its `config` is the function that makes it.
  if (typeof config !== 'object' || config === null) return { name: id, definition: JSON.stringify({ id }) }
  // The root is named by its session until it is given the name of its machine.
  const name = id === sessionId ? String((config as { id?: unknown }).id) : id
  const definition = definitions.get(config) ?? JSON.stringify(config, plain)
  definitions.set(config, definition)
  return { name, definition }
}

/** Functions are told by name, as the Stately inspector does. Whatever else is no part of a statechart is left out. */
function plain(key: string, value: unknown): unknown {
  if (key === 'context') return undefined
  return typeof value === 'function' ? { type: value.name } : value
}
