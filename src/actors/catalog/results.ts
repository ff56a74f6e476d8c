import { z } from 'zod'

import type { CallToolResult } from '../../mcp.js'

/** What the answer to a request must at least hold; everything else passes as it came. */
const shapes: Readonly<Record<string, z.ZodType>> = {
  'tools/call': z.looseObject({
    content: z.array(z.looseObject({ type: z.string() })).optional(),
    isError: z.boolean().optional(),
  }),
  'resources/read': z.looseObject({ contents: z.array(z.looseObject({ uri: z.string() })) }),
  'prompts/get': z.looseObject({ messages: z.array(z.looseObject({ role: z.string(), content: z.looseObject({}) })) }),
  'completion/complete': z.looseObject({ completion: z.looseObject({ values: z.array(z.string()) }) }),
}

/** Why the answer to a request is not one; undefined when it is. */
export function wrongIn(method: string, result: unknown): string | undefined {
  const read = shapes[method]?.safeParse(result)
  if (!read || read.success) return undefined
  const [issue] = read.error.issues
  return `"${issue?.path.join('.') || 'result'}": ${issue?.message}`
}

/** Checks the answer to `tools/call` and returns it untouched, or says what is wrong with it. */
export function readCallToolResult(value: unknown): { result: CallToolResult } | { wrong: string } {
  const wrong = wrongIn('tools/call', value)
  if (wrong !== undefined) return { wrong }
  const result = value as CallToolResult
  if (result.content === undefined && result.structuredContent === undefined) return { wrong: 'it has no "content"' }
  return { result: result.content === undefined ? { ...result, content: [] } : result }
}
