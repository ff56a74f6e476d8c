import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Path } from './findings.js'
import { objectOf } from './plain-data.js'

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A JSONC text as a value that knows where its parts were written. */
export interface JsonTree {
  readonly value: unknown
  /** Keys that an object has twice. The last one counts, as `JSON.parse` has it. */
  readonly duplicates: readonly Path[]
  readonly errors: readonly { readonly reason: string; readonly offset: number }[]
  /** The offset of what is at a path, or of the nearest thing above it. */
  offsetOf(path: Path): number
}

/** Reads JSON with comments and trailing commas. The text must not be nested too deep for the stack. */
export function parseJsonTree(text: string): JsonTree {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const duplicates: Path[] = []
  const members = new Map<Node, ReadonlyMap<string, Node>>()
  return {
    value: root && read(root, []),
    duplicates,
    errors: errors.map(({ error, offset }) => ({ reason: words(printParseErrorCode(error)), offset })),
    offsetOf(path) {
      let [node, offset] = [root, root?.offset ?? 0]
      for (const part of path) {
        const child = typeof part === 'number' ? node?.children?.[part] : node && members.get(node)?.get(part)
        if (!child) break
        offset = child.offset
        node = child.type === 'property' ? child.children?.[1] : child
      }
      return offset
    },
  }

  function read(node: Node, path: Path): unknown {
    if (node.type === 'object') return readObject(node, path)
    if (node.type === 'array')
      return Object.freeze((node.children ?? []).map((item, index) => read(item, [...path, index])))
    return node.value
  }

  function readObject(node: Node, path: Path): unknown {
    const properties = new Map<string, Node>()
    const values = new Map<string, unknown>()
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? []
      if (!key || !value) continue
      const name = String(key.value)
      if (values.has(name)) duplicates.push([...path, name])
      properties.set(name, property)
      values.set(name, read(value, [...path, name]))
    }
    members.set(node, properties)
    return objectOf(values)
  }
}

/** `PropertyNameExpected` → `property name expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}

/** Finds lines and columns. Lines end with LF, CRLF or CR. */
export function createLocator(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ 0: end, index }) => index + end.length)]
  return (offset) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
