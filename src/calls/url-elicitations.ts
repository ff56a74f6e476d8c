import { z } from 'zod'

import type { SupervisorError } from '../errors.js'
import type { UrlElicitation } from '../mcp.js'

/** The JSON-RPC error of a request that waits for a person to visit pages (2025-11-25, elicitation). */
const urlElicitationRequired = -32042

const shape = z.object({
  elicitations: z
    .array(z.looseObject({ mode: z.literal('url'), elicitationId: z.string(), url: z.string(), message: z.string() }))
    .min(1),
})

/** The pages that a person has to visit before the call can succeed; none for an error that is about something else. */
export function urlElicitationsOf({ mcp }: Pick<SupervisorError, 'mcp'>): readonly UrlElicitation[] {
  if (mcp?.code !== urlElicitationRequired) return []
  const read = shape.safeParse(mcp.data)
  return read.success ? read.data.elicitations : []
}
