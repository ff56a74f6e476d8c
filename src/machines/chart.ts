import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** One arrow of a statechart. */
export interface Arrow {
  readonly from: string
  readonly to: string
  /** The event, `after <delay>` or `always`, with its guard in brackets. */
  readonly label: string
}

/** Every arrow of a machine that leads to a state, transient ones included, read from the machine itself. */
export function arrowsOf(machine: AnyStateMachine): Arrow[] {
  return nodesOf(machine.root).flatMap((node) => {
    const transitions = [...node.transitions.values(), node.always ?? []].flat()
    return transitions.flatMap(({ target, eventType, guard }) =>
      (target ?? []).map((to) => ({ from: nameOf(node), to: nameOf(to), label: labelOf(eventType, guard) })),
    )
  })
}

/** The machine as a Mermaid state diagram: superstates as boxes, arrows between the same two states merged. */
export function toMermaid(machine: AnyStateMachine): string {
  const merged = new Map<string, string[]>()
  for (const { from, to, label } of arrowsOf(machine)) {
    const key = `${from} --> ${to}`
    merged.set(key, [...(merged.get(key) ?? []), label])
  }
  const arrows = [...merged].map(([key, labels]) => `  ${key}: ${[...new Set(labels)].join(' / ')}`)
  return ['stateDiagram-v2', ...boxOf(machine.root, 1), ...arrows].join('\n')
}

function boxOf(node: AnyStateNode, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const [initial] = node.initial?.target ?? []
  const inner = Object.values(node.states).flatMap((child) =>
    Object.keys(child.states).length > 0
      ? [`${indent}state ${nameOf(child)} {`, ...boxOf(child, depth + 1), `${indent}}`]
      : [`${indent}${nameOf(child)}`, ...(child.type === 'final' ? [`${indent}${nameOf(child)} --> [*]`] : [])],
  )
  return [...(initial ? [`${indent}[*] --> ${nameOf(initial)}`] : []), ...inner]
}

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)]
}

function nameOf(node: AnyStateNode): string {
  return node.path.length === 0 ? 'any' : node.key
}

function labelOf(eventType: string, guard: unknown): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(eventType) ?? []
  const event = delay
    ? `after ${delay}`
    : eventType === ''
      ? 'always'
      : eventType.replace(/^xstate\.(done|error)\.actor\.\*$/, 'child $1')
  return typeof guard === 'string' ? `${event} [${guard}]` : event
}
