/** A server of 2025-11-25 over stdio whose tools are tasks, lawful and not: each named after what becomes of it. */
import { createInterface } from 'node:readline'

const relatedTask = 'io.modelcontextprotocol/related-task'
const text = (value) => ({ content: [{ type: 'text', text: value }] })
const lineOf = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`
/** In the same bytes. */
const send = (...messages) => process.stdout.write(messages.map(lineOf).join(''))
const notify = (method, params) => send({ method, params })

const tasks = new Map()
const cancelled = []
const polls = new Map()
const questions = new Map()
let lastId = 0

/** What becomes of a task with each question how it is. Those without an entry go on for ever. */
const steps = {
  slow: (task, count) => count >= 3 && over(task, 'completed', `step ${count}`),
  lost: (task) => void tasks.delete(task.taskId),
  fails: (task) => over(task, 'failed', 'the disk is full'),
  'tool-error': (task) => over(task, 'failed'),
  ended: (task) => over(task, 'cancelled', 'out of credits'),
  odd: (task) => over(task, 'asleep'),
  dies: () => process.exit(7),
  told: (task) => task,
  eager: (task) => task,
  overtaken: (task) => task,
  // Nothing is told to the caller by the polls alone before these are answered.
  asks: (task) => task.status === 'working' && task.answer !== undefined && over(task, 'completed'),
  asked: (task) => task.answer !== undefined && over(task, 'completed'),
}

function over(task, status, statusMessage) {
  Object.assign(task, { status, statusMessage })
}

const shown = ({ taskId, status, statusMessage, pollInterval }) => ({
  taskId,
  status,
  statusMessage,
  pollInterval,
  ttl: null,
})

function begin(name, args, meta) {
  const task = {
    taskId: `${name}-${args.name}-${++lastId}`,
    status: 'working',
    pollInterval: args.pollInterval ?? 20,
    name,
    args,
  }
  tasks.set(task.taskId, task)
  if (name === 'told') {
    task.pollInterval = 3_600_000
    setTimeout(() => {
      over(task, 'completed', 'done')
      notify('notifications/tasks/status', shown(task))
    }, 50)
  }
  if (name === 'progress') setTimeout(() => tellProgress(task, meta.progressToken), 50)
  if (name === 'asks') setTimeout(() => ask(task), 50)
  if (name === 'asked') over(task, 'input_required', 'needs a colour')
  return task
}

/** Sends a message, and that the task is over, at once. */
function sendWithEnd(task, message) {
  over(task, 'completed', 'done')
  send(message, { method: 'notifications/tasks/status', params: shown(task) })
}

function tellProgress(task, progressToken) {
  for (const progress of [1, 2, 3])
    notify('notifications/progress', { progressToken, progress, message: task.args.name })
  over(task, 'completed')
}

function ask(task) {
  const id = `question-${task.taskId}`
  questions.set(id, task)
  const params = {
    message: `${task.args.name}, which colour?`,
    requestedSchema: { type: 'object', properties: {} },
    _meta: { [relatedTask]: { taskId: task.taskId } },
  }
  send({ id, method: 'elicitation/create', params })
}

const unknown = { code: -32602, message: 'Task not found' }

const requests = {
  initialize: () => ({
    result: {
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'tasks', version: '1.0.0' },
      capabilities: { tools: {}, tasks: { cancel: {}, requests: { tools: { call: {} } } } },
    },
  }),
  'tools/list': () => {
    const inputSchema = { type: 'object' }
    const names = [...Object.keys(steps), 'never', 'progress', 'nameless', 'at-once', 'late']
    const tools = names.map((name) => ({ name, inputSchema, execution: { taskSupport: 'required' } }))
    const optional = { name: 'optional', inputSchema, execution: { taskSupport: 'optional' } }
    return { result: { tools: [...tools, optional, { name: 'journal', inputSchema }] } }
  },
  'tools/call': ({ name, arguments: args = {}, task: wanted, _meta }, id) => {
    if (name === 'journal') return { result: text(JSON.stringify({ cancelled, polls: Object.fromEntries(polls) })) }
    if (!wanted)
      return name === 'optional' ? { result: text('plainly') } : { error: { code: -32601, message: 'a task' } }
    if (name === 'nameless') return { result: { task: { status: 'working' } } }
    if (name === 'at-once') return { result: text('at once') }
    const task = begin(name, args, _meta)
    if (name === 'eager')
      return sendWithEnd(task, { id, result: { task: { ...shown(task), pollInterval: 3_600_000 } } })
    if (name !== 'late') return { result: { task: shown(task) } }
    setTimeout(() => send({ id, result: { task: shown(task) } }), 200)
  },
  'tasks/get': ({ taskId }, id) => {
    const task = tasks.get(taskId)
    if (!task) return { error: unknown }
    const count = (polls.get(task.name) ?? 0) + 1
    polls.set(task.name, count)
    const before = { ...shown(task), pollInterval: 3_600_000 }
    if (task.name === 'overtaken' && count === 1) return sendWithEnd(task, { id, result: before })
    steps[task.name]?.(task, count)
    return tasks.has(taskId) ? { result: shown(task) } : { error: unknown }
  },
  'tasks/result': ({ taskId }, id) => {
    const task = tasks.get(taskId)
    if (!task) return { error: unknown }
    if (task.name === 'fails') return { error: { code: -32603, message: 'Task failed' } }
    if (task.name === 'tool-error') return { result: { ...text('no such file'), isError: true } }
    const answer = () => ({ result: text([task.name, task.args.name, task.answer].filter(Boolean).join(' ')) })
    if (task.name !== 'asked') return answer()
    task.finish = () => send({ id, ...answer() })
    ask(task)
  },
  'tasks/cancel': ({ taskId }) => {
    cancelled.push(taskId.split('-')[0])
    const task = tasks.get(taskId)
    if (!task) return { error: unknown }
    over(task, 'cancelled')
    return { result: shown(task) }
  },
}

function take({ id, method, params, result, error }) {
  const task = questions.get(id)
  if (method === undefined && task) {
    task.answer = result?.content?.colour ?? error?.message ?? 'none'
    if (task.name === 'asked') over(task, 'completed')
    return task.finish?.()
  }
  if (id === undefined) return
  const answer = requests[method] ? requests[method](params, id) : { error: { code: -32601, message: method } }
  if (answer) send({ id, ...answer })
}

createInterface({ input: process.stdin }).on('line', (line) => take(JSON.parse(line)))
