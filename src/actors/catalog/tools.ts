import { z } from 'zod'

import type { Tool } from '../../mcp.js'

/** A tool that was left out of the catalogue, and why. */
export interface QuarantinedTool {
  readonly name?: string
  readonly reason: string
}

const hint = z.boolean().optional()
const toolShape = z.looseObject({
  name: z.string().min(1).max(1024),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({}),
  outputSchema: z.looseObject({}).optional(),
  annotations: z
    .looseObject({
      title: z.string().optional(),
      readOnlyHint: hint,
      destructiveHint: hint,
      idempotentHint: hint,
      openWorldHint: hint,
    })
    .optional(),
})

/** Deeper than any schema that was written by hand, shallower than the stack of whoever walks it. */
const deepestLevel = 100
const tooDeep = `tool: it is nested deeper than ${deepestLevel} levels`

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}

/** Reads one item of a `tools/list` answer; a bad one never costs the good ones. */
export function readTool(item: unknown): { tool: Tool } | { quarantined: QuarantinedTool } {
  const read = toolShape.safeParse(item)
  if (read.success && isDeeper(item, deepestLevel)) return { quarantined: { name: read.data.name, reason: tooDeep } }
  if (read.success) return { tool: item as Tool }
  const name: unknown = typeof item === 'object' && item !== null ? (item as { name?: unknown }).name : undefined
  const [issue] = read.error.issues
  const reason = `${issue?.path.join('.') || 'tool'}: ${issue?.message}`
  return { quarantined: { reason, ...(typeof name === 'string' && { name: name.slice(0, 1_024) }) } }
}
