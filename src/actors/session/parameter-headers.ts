/**
 * Arguments of a tool that its definition wants mirrored into HTTP headers, so that whoever stands between can route by
 * them (2026-07-28, Streamable HTTP: custom headers from tool parameters).
 */
export interface MirroredParameter {
  /** As it is sent, in lower case. */
  readonly header: string
  /** The keys that lead to the value within the arguments. */
  readonly path: readonly string[]
}

const mark = 'x-mcp-header'
const mirroredTypes: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean'])
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Deeper schemas are not looked into: nobody nests an argument so far. */
const deepest = 64

type Schema = Readonly<Record<string, unknown>>

/** The mirrored parameters of a tool, or why its marks make it one that must not be used. */
export function readMirroredParameters(inputSchema: unknown): { parameters: MirroredParameter[] } | { wrong: string } {
  const parameters = new Map<string, MirroredParameter>()
  let wrong: string | undefined

  function visit(node: unknown, path: readonly string[], isReachable: boolean, depth: number): void {
    if (wrong !== undefined || typeof node !== 'object' || node === null || depth > deepest) return
    if (Array.isArray(node)) return node.forEach((item) => visit(item, path, false, depth + 1))
    const schema = node as Schema
    if (Object.hasOwn(schema, mark)) take(schema, path, isReachable && path.length > 0)
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') visitProperties(value, path, isReachable, depth)
      else if (!literalKeys.has(key)) visit(value, path, false, depth + 1)
    }
  }

  function visitProperties(properties: unknown, path: readonly string[], isReachable: boolean, depth: number): void {
    if (typeof properties !== 'object' || properties === null) return
    for (const [key, value] of Object.entries(properties)) visit(value, [...path, key], isReachable, depth + 1)
  }

  function take(schema: Schema, path: readonly string[], isReachable: boolean): void {
    const name = schema[mark]
    const where = `inputSchema: "${mark}" of ${JSON.stringify(path.join('.'))}`
    if (typeof name !== 'string' || !token.test(name)) wrong = `${where} must be a header name`
    else if (!isReachable) wrong = `${where} must be on a property that is always there`
    else if (!mirroredTypes.has(schema['type'])) wrong = `${where} must be on a string, an integer or a boolean`
    else if (parameters.has(name.toLowerCase())) wrong = `${where} must differ from the others`
    else parameters.set(name.toLowerCase(), { header: `mcp-param-${name.toLowerCase()}`, path })
  }

  visit(inputSchema, [], true, 0)
  return wrong === undefined ? { parameters: [...parameters.values()] } : { wrong }
}

/** Keywords whose value is an example and no schema. */
const literalKeys = new Set(['default', 'const', 'enum', 'examples'])

/** The headers that these arguments ask for. An argument that is absent or null has none. */
export function parameterHeaders(parameters: readonly MirroredParameter[], args: unknown): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { header, path } of parameters) {
    const value = path.reduce<unknown>((node, key) => ownValue(node, key), args)
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)) {
      headers[header] = headerValue(String(value))
    }
  }
  return headers
}

/** A text as a header may carry it: in Base64, and marked so, when it is not plain visible ASCII. */
export function headerValue(text: string): string {
  const isPlain = /^[\x20-\x7e]*$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/.test(text)
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}

function ownValue(node: unknown, key: string): unknown {
  const isObject = typeof node === 'object' && node !== null
  return isObject && Object.hasOwn(node, key) ? (node as Schema)[key] : undefined
}
