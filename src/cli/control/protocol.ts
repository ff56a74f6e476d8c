/**
 * What a running instance and the commands that control it say to each other over its socket: one JSON document a line.
 * The instance greets; then every request has an id, and every answer the id of its request.
 */
import { z } from 'zod'

/** Another number means that one side would misread the other. */
export const controlVersion = 1

/** The arguments of a call and the answers of a tool are inside. */
export const longestRequestBytes = 12 * 1024 * 1024
export const longestAnswerBytes = 64 * 1024 * 1024

export const greetingSchema = z.object({
  control: z.number(),
  /** Of the package. */
  version: z.string(),
  pid: z.number(),
  /** The command that runs it: `run` or `serve`. */
  command: z.string(),
  /** The configuration files, in order. */
  paths: z.array(z.string()),
  /** Epoch milliseconds. */
  startedAt: z.number(),
})
export type Greeting = z.infer<typeof greetingSchema>

/** What an instance knows of a server: its status, and what it remembers beside. */
export const serverViewSchema = z.object({
  name: z.string(),
  state: z.enum([
    'uninitialized',
    'idle',
    'connecting',
    'timedOut',
    'retrying',
    'ready',
    'failed',
    'closing',
    'closed',
  ]),
  initialized: z.boolean(),
  error: z.string(),
  transport: z.enum(['stdio', 'http', 'sse']).nullable(),
  generation: z.number(),
  attempt: z.number(),
  restarts: z.number(),
  inFlight: z.number(),
  queued: z.number(),
  since: z.number(),
  pid: z.number().optional(),
  nextRetryAt: z.number().optional(),
  tools: z.number().optional(),
  held: z.number().optional(),
  protocolVersion: z.string().optional(),
  /** Median duration of the last calls, in milliseconds. */
  p50Ms: z.number().optional(),
  /** The last failure of its connection, kept after it healed. */
  lastError: z.object({ at: z.number(), code: z.string(), message: z.string() }).optional(),
})
export type ServerView = z.infer<typeof serverViewSchema>

const server = z.string()
const timeoutMs = z.number().min(0).optional()
const toolSchema = z.looseObject({
  name: z.string(),
  description: z.string().exactOptional(),
  inputSchema: z.record(z.string(), z.unknown()),
})
const heldSchema = z.object({
  name: z.string(),
  reason: z.enum(['new', 'changed', 'server-changed']),
  digest: z.string(),
  pinned: z.string().exactOptional(),
  definition: toolSchema,
})
const pins = z.array(z.object({ name: z.string(), digest: z.string() })).readonly()
const toolResultSchema = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })).readonly(),
  isError: z.boolean().exactOptional(),
})
const progressSchema = z.object({ progress: z.number(), total: z.number().optional(), message: z.string().optional() })
const logLineSchema = z.object({ at: z.number(), line: z.string() })
export type LogLine = z.infer<typeof logLineSchema>
const views = z.array(serverViewSchema)
const nothing = z.null()

/** Each method: what it is asked with, what it tells meanwhile, and what it answers in the end. */
export const methods = {
  status: { params: z.object({ servers: z.array(server).optional() }), item: z.never(), result: views },
  /** Tells of all servers at once and after each change, until the instance ends. */
  watch: { params: z.object({ servers: z.array(server).optional() }), item: views, result: nothing },
  explain: { params: z.object({ server }), item: z.never(), result: z.record(z.string(), z.unknown()) },
  tools: { params: z.object({ server, timeoutMs }), item: z.never(), result: z.array(toolSchema) },
  /** Lists the tools anew and tells those that are held. */
  held: { params: z.object({ server, timeoutMs }), item: z.never(), result: z.array(heldSchema).readonly() },
  approve: { params: z.object({ server, tools: pins }), item: z.never(), result: pins },
  call: {
    params: z.object({ server, tool: z.string(), args: z.record(z.string(), z.unknown()), timeoutMs }),
    item: progressSchema,
    result: toolResultSchema,
  },
  /** The last lines at once, and with `follow` those to come as they come, until the instance ends. */
  logs: {
    params: z.object({ server, lines: z.int().min(0), follow: z.boolean() }),
    item: z.array(logLineSchema).readonly(),
    result: nothing,
  },
  /** These answer at once, or when it is done with `wait`. */
  start: { params: z.object({ server, timeoutMs, wait: z.boolean() }), item: z.never(), result: nothing },
  stop: { params: z.object({ server, wait: z.boolean() }), item: z.never(), result: nothing },
  restart: { params: z.object({ server, timeoutMs, wait: z.boolean() }), item: z.never(), result: nothing },
} as const

export type Method = keyof typeof methods
export type Params<M extends Method> = z.infer<(typeof methods)[M]['params']>
export type Item<M extends Method> = z.infer<(typeof methods)[M]['item']>
export type Result<M extends Method> = z.infer<(typeof methods)[M]['result']>

export const requestSchema = z.object({
  id: z.int(),
  method: z.enum(Object.keys(methods) as [Method, ...Method[]]),
  params: z.unknown(),
})

/** A `SupervisorError` as plain data, or a request that cannot be understood: `CONTROL_INVALID`. */
export const controlFailureSchema = z.looseObject({
  code: z.string(),
  message: z.string(),
  server: z.string().optional(),
  delivered: z.enum(['no', 'maybe', 'yes']).optional(),
})
export type ControlFailure = z.infer<typeof controlFailureSchema>

export const answerSchema = z.union([
  z.object({ id: z.int(), item: z.unknown() }).strict(),
  /** So many items were not told, because the asker did not read. */
  z.object({ id: z.int(), missed: z.int() }).strict(),
  z.object({ id: z.int(), error: controlFailureSchema }).strict(),
  z.object({ id: z.int(), result: z.unknown() }).strict(),
])
