import type { EventRecord, EventView } from './project.js'
import type { Recorded } from './recorder.js'

/** One line of a sequence diagram. */
export type Step =
  | {
      readonly kind: 'message'
      readonly from: string
      readonly to: string
      readonly label: string
      readonly times: number
    }
  /** The end of a call, told to whoever made it. */
  | {
      readonly kind: 'answer'
      readonly from: string
      readonly to: string
      readonly label: string
      readonly times: number
    }
  | { readonly kind: 'state'; readonly of: string; readonly state: string }

/** Who acts from outside of the tree. */
const host = 'host'

/**
 * What actors told each other and the states they entered, oldest first; the same message many times in a row is one.
 * Without process ids and times: the same story always reads the same. What was before `after` is known, but not told.
 */
export function toSequence(records: readonly Recorded[], after = 0): Step[] {
  const names = new Map<string, string>()
  const states = new Map<string, string>()
  const steps: Step[] = []

  for (const record of records) {
    for (const step of stepsOf(record, names, states)) if (record.seq > after) append(steps, step)
  }
  return steps
}

function stepsOf(record: Recorded, names: Map<string, string>, states: Map<string, string>): Step[] {
  switch (record.type) {
    case '@xstate.actor': {
      const parent = record.parentId === undefined ? undefined : names.get(record.parentId)
      // A connection is known by its server.
      const isInner = parent !== undefined && parent.includes(':')
      names.set(record.sessionId, isInner ? `${record.name} of ${parent.slice(parent.indexOf(':') + 1)}` : record.name)
      return []
    }
    case '@xstate.event':
      return messageOf(record, names)
    case '@xstate.snapshot': {
      const { sessionId, snapshot } = record
      const state = leafOf(snapshot.value)
      if (state === undefined || states.get(sessionId) === state) return []
      states.set(sessionId, state)
      return [{ kind: 'state', of: names.get(sessionId) ?? sessionId, state }]
    }
    case 'outcome': {
      const from = record.server === undefined ? 'supervisor' : `server:${record.server}`
      return [{ kind: 'answer', from, to: host, label: record.text, times: 1 }]
    }
  }
}

function messageOf({ sessionId, sourceId, event }: EventRecord, names: ReadonlyMap<string, string>): Step[] {
  if (event.type === 'xstate.init' || event.type.startsWith('xstate.done.state')) return []
  const to = names.get(sessionId) ?? sessionId
  const from = sourceId === undefined ? host : (names.get(sourceId) ?? sourceId)
  return [{ kind: 'message', from, to, label: labelOf(event), times: 1 }]
}

function append(steps: Step[], step: Step): void {
  const last = steps.at(-1)
  if (last && last.kind !== 'state' && step.kind === last.kind && isSame(last, step))
    steps[steps.length - 1] = { ...last, times: last.times + 1 }
  else steps.push(step)
}

function isSame(a: Exclude<Step, { kind: 'state' }>, b: Exclude<Step, { kind: 'state' }>): boolean {
  return a.from === b.from && a.to === b.to && a.label === b.label
}

/** The event, its deadline or child by name, and the code of its failure. */
function labelOf({ type, failure }: EventView): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(type) ?? []
  const { code } = (failure ?? {}) as { code?: string }
  const what = delay
    ? `after ${delay}`
    : type.replace(/^xstate\.(done|error)\.actor\.(.*)$/, '$2 $1').replace(/^xstate\./, '')
  return code ? `${what} (${code})` : what
}

/** The innermost state of a state value. */
export function leafOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const [inner] = typeof value === 'object' && value !== null ? Object.values(value as object) : []
  return inner === undefined ? undefined : leafOf(inner)
}

/** The steps as a Mermaid sequence diagram, its participants in order of appearance. */
export function toMermaidSequence(steps: readonly Step[]): string {
  // Whoever asks stands on the left.
  const participants = new Map([[host, 'p0']])
  const idOf = (name: string): string => {
    const id = participants.get(name) ?? `p${participants.size}`
    participants.set(name, id)
    return id
  }
  const lines = steps.map((step) => {
    if (step.kind === 'state') return `  Note over ${idOf(step.of)}: ${step.state}`
    const times = step.times > 1 ? ` ×${step.times}` : ''
    return `  ${idOf(step.from)}${step.kind === 'answer' ? '-->>' : '->>'}${idOf(step.to)}: ${onOneLine(step.label)}${times}`
  })
  const heads = [...participants].map(([name, id]) => `  participant ${id} as ${onOneLine(name)}`)
  return ['sequenceDiagram', ...heads, ...lines].join('\n')
}

/** Names are what a file or a caller says. For Mermaid a line ends at `;` too, and `#` begins the number of a character. */
function onOneLine(text: string): string {
  return text.replace(/[\n\r;#]/g, (character) => `#${character.charCodeAt(0)};`)
}
