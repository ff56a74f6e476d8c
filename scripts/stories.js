/** Five stories of a supervised server, each a run of a real supervisor with real processes, told as a sequence diagram. */
import { fileURLToPath } from 'node:url'

import { createSupervisor } from 'mcpvisor'
import { createRecorder, toMermaidSequence, toSequence } from 'mcpvisor/inspect'
import { startProtectedServer } from './protected-server.js'

const fixture = fileURLToPath(new URL('../test/fixtures/servers/stdio.mjs', import.meta.url))
const policy = { minTimeoutMs: 20, randomize: false, shutdownTimeoutMs: 300, drainTimeoutMs: 20_000 }

/** A configuration of the one server `files`. */
const configOf = (faults = {}, env = {}, supervisor = {}) => ({
  mcpServers: {
    files: {
      command: process.execPath,
      args: [fixture, JSON.stringify(faults)],
      env,
      supervisor: { ...policy, ...supervisor },
    },
  },
})

/** Runs a story from its first word to its last, the end of the supervisor only if the story is about it. */
async function run(config, story, { toTheEnd = false } = {}) {
  const recorder = createRecorder({ limit: 10_000 })
  const supervisor = createSupervisor(config, { inspect: recorder.inspect })
  recorder.follow(supervisor)
  let began = 0
  const tell = () => toMermaidSequence(withoutTurns(toSequence(recorder.records(), began)))
  try {
    await until(() => supervisor.status('files').state === 'idle')
    await story(supervisor, () => (began = recorder.records().at(-1).seq))
    await turn()
    if (!toTheEnd) return tell()
  } finally {
    await supervisor.close()
  }
  await turn()
  return tell()
}

/** Runs a story in which requests are told that no actor sees, between what the actors tell each other. */
async function runLogin(story) {
  const recorder = createRecorder({ limit: 10_000 })
  const requests = []
  const server = await startProtectedServer((to, what, answer, from = 'connection of files') => {
    const step = (kind, label) => ({
      kind,
      ...(kind === 'message' ? { from, to } : { from: to, to: from }),
      label,
      times: 1,
    })
    requests.push({ seq: recorder.records().at(-1).seq, steps: [step('message', what), step('answer', answer)] })
  })
  const supervisor = createSupervisor({ mcpServers: { files: { url: server.url } } }, { inspect: recorder.inspect })
  recorder.follow(supervisor)
  try {
    await until(() => supervisor.status('files').state === 'idle')
    let told = recorder.records().at(-1).seq
    await story(supervisor, server)
    await turn()
    const records = recorder.records()
    const upTo = (seq) => {
      const steps = toSequence(
        records.filter((record) => record.seq <= seq),
        told,
      )
      told = Math.max(told, seq)
      return steps
    }
    const steps = requests.flatMap((request) => [...upTo(request.seq), ...request.steps])
    return toMermaidSequence(withoutTurns([...steps, ...upTo(records.at(-1).seq)]))
  } finally {
    await supervisor.close()
    await server.close()
  }
}

/** Whether a connection has to wait for its turn depends on how fast the process before it ended. */
function withoutTurns(steps) {
  const isTurn = ({ label, state }) => ['connection.waiting', 'connection.admitted', 'waiting'].includes(label ?? state)
  const told = new Map()
  return steps.filter((step) => {
    if (isTurn(step)) return false
    const isAgain = step.kind === 'state' && told.get(step.of) === step.state
    if (step.kind === 'state') told.set(step.of, step.state)
    return !isAgain
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function until(isTrue) {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The stories, by title. */
export const stories = {
  'The first call': {
    about:
      'Nothing runs until somebody calls. The call waits while its server starts, and goes straight through the next time.',
    run: () =>
      run(configOf(), async (supervisor, begin) => {
        begin()
        await supervisor.callTool('files', 'echo', { text: 'hello' })
        await supervisor.callTool('files', 'echo', { text: 'again' })
      }),
  },

  'A crash under load': {
    about:
      'Two calls are in flight and one waits when the process is killed with `kill -9`. Those in flight fail at once and say that the server may have executed them; the one that waited goes to the next process.',
    run: () =>
      run(configOf({}, {}, { maxConcurrency: 2 }), async (supervisor, begin) => {
        await supervisor.connect('files')
        begin()
        let underWay = 0
        const sleep = () => supervisor.callTool('files', 'sleep', { ms: 4_000 }, { onProgress: () => void underWay++ })
        const calls = Promise.allSettled([
          sleep(),
          sleep(),
          supervisor.callTool('files', 'echo', { text: 'in the queue' }),
        ])
        await until(() => underWay >= 2)
        process.kill(supervisor.status('files').pid, 'SIGKILL')
        await calls
      }),
  },

  'A reload while a call is in flight': {
    about:
      'The entry changes during a call. That call finishes on the old process; one that comes meanwhile waits for the new one.',
    run: () =>
      run(configOf(), async (supervisor, begin) => {
        await supervisor.connect('files')
        begin()
        const old = supervisor.callTool('files', 'sleep', { ms: 400 })
        const reload = supervisor.reload(configOf({}, { CHANGED: 'yes' }))
        await until(() => supervisor.status('files').state === 'closing')
        await Promise.all([old, supervisor.callTool('files', 'echo', { text: 'to the new one' }), reload])
      }),
  },

  'A server that does not want to end': {
    about:
      'The server ignores the end of its stdin and SIGTERM. Its process group is killed at the end of the ladder, and the report says so.',
    run: () =>
      run(
        configOf({ end: 'ignore', term: 'ignore' }),
        async (supervisor, begin) => {
          await supervisor.connect('files')
          begin()
        },
        { toTheEnd: true },
      ),
  },
  'A login': {
    about:
      'The server lets nobody in without a token. A call says so and where to log in; a person does, once. When the token is no longer good, it is renewed and the refused call sent again, and its caller sees nothing of it.',
    run: () =>
      runLogin(async (supervisor, server) => {
        await supervisor.callTool('files', 'echo', { text: 'who are you?' }).catch(() => {})
        await supervisor.authorize('files', { open: (url) => void fetch(url) })
        await supervisor.callTool('files', 'echo', { text: 'hello' })
        await until(() => server.streams() === 1)
        server.expire()
        await supervisor.callTool('files', 'echo', { text: 'again' })
      }),
  },
}
