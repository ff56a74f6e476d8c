import { z } from 'zod'

/** What the answer to a request must at least hold; everything else passes as it came. */
const shapes: Readonly<Record<string, z.ZodType>> = {
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
