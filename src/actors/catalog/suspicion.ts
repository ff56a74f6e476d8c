import type { Tool } from '../../mcp.js'

/** A tool that may be used, and what about its definition could mislead a reader. */
export interface SuspiciousTool {
  readonly name: string
  readonly reason: string
}

const hidden = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u
/** Line breaks and tabs, and what joins the parts of an emoji. */
const harmless = /[\t\n\r]|\u200D|\uFE0F/gu
/** Scripts whose letters pass for Latin ones. */
const lookalikes = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u
const latin = /\p{Script=Latin}/u

/** What could mislead a reader of a tool: characters nobody sees, or a name of letters that only look alike. */
export function suspicionOf({ name, title = '', description = '' }: Tool): string | undefined {
  if (latin.test(name) && lookalikes.test(name)) return 'name: it mixes letters of scripts that look alike'
  for (const [key, text] of Object.entries({ name, title, description })) {
    if (hidden.test(text.replace(harmless, ''))) return `${key}: it holds invisible or control characters`
  }
  return undefined
}
