/**
 * The grammar of placeholders in configuration values:
 *
 *   ${NAME}  ${NAME:-text}  ${env:NAME}  ${env:NAME:-text}   an environment variable
 *   ${input:id}                                              asked from the host
 *   ${workspaceFolder} ${userHome} ${configDir} …            a place
 *   $${                                                      a literal `${`
 *
 * `text` goes up to the first `}`, is literal and holds no placeholder. There is one pass: what a placeholder stands for is
 * not read again.
 */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string }
  | { readonly kind: 'input'; readonly id: string }
  | { readonly kind: 'place'; readonly name: PlaceName }
  /** Looks like a placeholder but is none that we know; `source` is what was written. */
  | { readonly kind: 'unknown'; readonly source: string }

export const placeNames = [
  'workspaceFolder',
  'workspaceFolderBasename',
  'userHome',
  'cwd',
  'configDir',
  'pathSeparator',
  '/',
] as const

export type PlaceName = (typeof placeNames)[number]

const variable = /^(?:env:)?(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[^]*))?$/
const input = /^input:(?<id>[A-Za-z0-9_.-]+)$/

/** Splits a value into literal text and placeholders. */
export function parsePlaceholders(value: string): Part[] {
  const parts: Part[] = []
  let from = 0
  while (from < value.length) {
    const start = value.indexOf('${', from)
    if (start < 0) break
    if (value[start - 1] === '$' && start > from) {
      parts.push({ kind: 'text', text: `${value.slice(from, start - 1)}\${` })
      from = start + 2
      continue
    }
    if (start > from) parts.push({ kind: 'text', text: value.slice(from, start) })
    const end = endOf(value, start)
    parts.push(parseOne(value.slice(start, end)))
    from = end
  }
  if (from < value.length) parts.push({ kind: 'text', text: value.slice(from) })
  return parts
}

/** Whether something in a value is left to resolve, or looks like it. */
export function hasPlaceholder(value: string): boolean {
  return parsePlaceholders(value).some(({ kind }) => kind !== 'text')
}

function endOf(value: string, start: number): number {
  const close = value.indexOf('}', start)
  if (close < 0) return value.length
  return value.startsWith('${{', start) && value[close + 1] === '}' ? close + 2 : close + 1
}

function parseOne(source: string): Part {
  const body = source.endsWith('}') ? source.slice(2, -1) : undefined
  if (body === undefined || body.includes('${')) return { kind: 'unknown', source }
  const place = placeNames.find((name) => name === body)
  if (place) return { kind: 'place', name: place }
  const id = input.exec(body)?.groups?.['id']
  if (id !== undefined) return { kind: 'input', id }
  const { name, fallback } = variable.exec(body)?.groups ?? {}
  if (name === undefined) return { kind: 'unknown', source }
  return { kind: 'variable', name, ...(fallback !== undefined && { fallback }) }
}
