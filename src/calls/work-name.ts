import type { Work } from './ledger.js'

/** What a piece of work is called in events: its method, and the tool when it calls one; never its arguments. */
export function nameOf(work: Work): { method: string; tool?: string } {
  if (work.kind === 'connect') return { method: 'connect' }
  if (work.kind === 'list') return { method: work.method }
  const { name } = work.params
  return { method: work.method, ...(work.method === 'tools/call' && typeof name === 'string' && { tool: name }) }
}
