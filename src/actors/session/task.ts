import { z } from 'zod'

/** A tool call that goes on after its request was answered, as its server last told of it (2025-11-25). */
export type Task = z.infer<typeof task>

const task = z.looseObject({
  taskId: z.string().min(1),
  status: z.enum(['working', 'input_required', 'completed', 'failed', 'cancelled']),
  statusMessage: z.string().optional().catch(undefined),
  /** Milliseconds between two questions how it is. */
  pollInterval: z.number().nonnegative().optional().catch(undefined),
})

const related = z.object({
  _meta: z.object({ 'io.modelcontextprotocol/related-task': z.object({ taskId: z.string() }) }),
})

/** The task in these words; undefined when they are not of one. */
export function readTask(words: unknown): Task | undefined {
  const read = task.safeParse(words)
  return read.success ? read.data : undefined
}

/** The task for the sake of which a message was sent, where it says so. */
export function relatedTaskOf(params: Record<string, unknown>): string | undefined {
  if (params['_meta'] === undefined) return undefined
  return related.safeParse(params).data?._meta['io.modelcontextprotocol/related-task'].taskId
}

/** Whether nothing more can become of it. */
export function isOver({ status }: Task): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
