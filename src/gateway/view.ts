/** What of the servers a client may see and use; what is denied stays denied, whatever is allowed. */
export interface ViewOptions {
  /** `server` or `server/tool`, where `*` stands for any characters and `?` for one. Default: everything. */
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}

/** The one decision: lists are filtered by it, and calls are admitted by it. */
export interface View {
  /** Whether the tool may be used; without a tool, whether all that is no tool may: resources, prompts, log messages. */
  mayUse(server: string, tool?: string): boolean
  /** Whether anything of the server might be used: for the sake of others it is not even started. */
  concerns(server: string): boolean
}

interface Pattern {
  readonly server: RegExp
  readonly tool: RegExp
  /** It is about the server as a whole. */
  readonly isWhole: boolean
}

export function createView({ allow = ['*'], deny = [] }: ViewOptions = {}): View {
  const [allowed, denied] = [allow.map(parsePattern), deny.map(parsePattern)]
  return {
    mayUse(server, tool) {
      const matches = (pattern: Pattern): boolean =>
        pattern.server.test(server) && (tool === undefined ? pattern.isWhole : pattern.tool.test(tool))
      return !denied.some(matches) && allowed.some(matches)
    },
    concerns: (server) =>
      !denied.some((pattern) => pattern.isWhole && pattern.server.test(server)) &&
      allowed.some((pattern) => pattern.server.test(server)),
  }
}

/** The name of a server ends at the first `/`. */
function parsePattern(pattern: string): Pattern {
  const end = pattern.indexOf('/')
  const [server, tool] = end < 0 ? [pattern, '*'] : [pattern.slice(0, end), pattern.slice(end + 1)]
  return { server: parseGlob(server), tool: parseGlob(tool), isWhole: /^\*+$/.test(tool) }
}

/** Runs of `*` are one: the cost of a match grows with the name, not with the pattern. */
function parseGlob(glob: string): RegExp {
  const source = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]')
  return new RegExp(`^${source}$`, 'u')
}
