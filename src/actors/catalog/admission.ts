import { type Failure, SupervisorError, asFailure, failure } from '../../errors.js'
import type { HeldTool } from '../../events.js'
import type { Tool } from '../../mcp.js'

/** Decides which of the definitions that a server lists are trusted. */
export interface ToolGate {
  /** Takes everything that is seen of the server first as trusted. */
  trustFirst(tools: readonly Tool[]): void
  /** Why a definition may not be seen or called; undefined when it may. */
  heldBy(tool: Tool): HeldTool | undefined
}

/** Which tools of a connection may be seen and called, by what the server says of them now. Without a gate, all. */
export interface Admission {
  /** What the server said of a tool when it last listed, whether it may be called or not. */
  definition(tool: string): Tool | undefined
  /** A listing begins; the function takes what it found. */
  begin(): (tools: readonly Tool[]) => void
  /** The server told that its tools changed: until they are listed, nobody knows which are held. */
  changed(): void
  visible(tools: readonly Tool[]): readonly Tool[]
  held(tools: readonly Tool[]): readonly HeldTool[]
  /**
   * Resolves when what was told until now is listed; undefined when it is. Rejects with why a call must not be sent, that
   * surely was not.
   */
  current(tool: string): Promise<void> | undefined
  /** Why a tool must not be called. */
  refusal(tool: string): Failure | undefined
}

export interface AdmissionParts {
  readonly server: string
  readonly gate: ToolGate | undefined
  /** Lists the tools anew. */
  readonly list: () => Promise<unknown>
}

export function createAdmission({ server, gate, list }: AdmissionParts): Admission {
  let definitions: ReadonlyMap<string, Tool> = new Map()
  /** Changes that were told, and those of them that a listing has shown. */
  let told = 0
  let shown = 0
  let listing: Promise<unknown> | undefined

  async function catchUp(tool: string): Promise<void> {
    const wanted = told
    try {
      // One that began before the last change may not show it: the next one does.
      while (shown < wanted) await (listing ??= list().finally(() => (listing = undefined)))
    } catch (error) {
      throw unlisted(server, tool, error)
    }
  }

  return {
    definition: (tool) => definitions.get(tool),
    begin() {
      const upTo = told
      return (tools) => {
        if (upTo < shown) return
        shown = upTo
        definitions = new Map(tools.map((tool) => [tool.name, tool]))
        gate?.trustFirst(tools)
      }
    },
    changed() {
      told += 1
    },
    visible: (tools) => (gate ? tools.filter((tool) => !gate.heldBy(tool)) : tools),
    held: (tools) => tools.flatMap((tool) => gate?.heldBy(tool) ?? []),
    current: (tool) => (gate && shown < told ? catchUp(tool) : undefined),
    refusal(tool) {
      if (!gate) return undefined
      const definition = definitions.get(tool)
      const held = definition && gate.heldBy(definition)
      if (definition && !held) return undefined
      return heldFailure(server, tool, held ? reasonOf(held) : 'the server does not list it')
    },
  }
}

function heldFailure(server: string, tool: string, reason: string): Failure {
  return failure('TOOL_HELD', `Tool "${tool}" of server "${server}" is held: ${reason}`, { server, phase: 'call' })
}

function reasonOf({ reason, digest, pinned }: HeldTool): string {
  const digests = pinned === undefined || pinned === digest ? digest : `${digest}, approved is ${pinned}`
  switch (reason) {
    case 'new':
      return `nobody has approved its definition (${digests})`
    case 'changed':
      return `its definition is another than the approved one (${digests})`
    case 'server-changed':
      return `its server is started or reached in another way than the approved one (its definition is ${digests})`
  }
}

/** Whoever is lost with the connection, or given up, is told so; the call itself was never sent. */
function unlisted(server: string, tool: string, error: unknown): unknown {
  if (!(error instanceof SupervisorError)) return error
  const of = asFailure(error)
  if (of.code === 'CONNECTION_LOST') return new SupervisorError({ ...of, delivered: 'no' }, error.cause)
  const reason = 'the server told that its tools changed, and they could not be listed'
  return new SupervisorError({ ...heldFailure(server, tool, reason), cause: of })
}
