import type { Tool } from '../../index.js'
import type { Candidate } from './rank-tools.js'

const longestSummary = 160

/** One line for each tool: its name and the first sentence about it. */
export function summariesOf(found: readonly Candidate[]): string {
  if (found.length === 0) return 'No tool was found. Try other words, or list_servers.'
  return found.map(({ name, tool }) => `${name}: ${summaryOf(tool.description ?? tool.title ?? '')}`).join('\n')
}

export function summaryOf(text: string): string {
  const [sentence = ''] = text.trim().split(/(?<=[.!?])\s|\n/, 1)
  return sentence.length > longestSummary ? `${sentence.slice(0, longestSummary - 1)}…` : sentence
}

/** Definitions as long as the budget lasts, at least one; what is left out is named. */
export function definitionsOf(found: readonly Candidate[], budgetTokens: number): string {
  const lines: string[] = []
  const left: string[] = []
  let spent = 0
  for (const { name, tool } of found) {
    const line = JSON.stringify(definitionOf(name, tool))
    const cost = estimatedTokens(line)
    if (lines.length > 0 && spent + cost > budgetTokens) left.push(name)
    else {
      lines.push(line)
      spent += cost
    }
  }
  return [...lines, ...(left.length > 0 ? [`Not within the budget: ${left.join(', ')}`] : [])].join('\n')
}

/** What is needed to call a tool: the rest would cost its reader and tell no more. */
function definitionOf(name: string, { description, inputSchema, annotations }: Tool): object {
  const { $schema: _, ...schema } = inputSchema
  return {
    name,
    ...(description !== undefined && { description }),
    inputSchema: schema,
    ...(annotations && { annotations }),
  }
}

/** About: a token of English or JSON has four characters. */
function estimatedTokens(text: string): number {
  return Math.ceil(text.length / 4)
}
