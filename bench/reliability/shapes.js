import { faulty, wrapped } from './fixtures.js'

const deaf = { end: 'ignore', term: 'ignore' }

/** What a server may leave behind, from the tamest to the wildest. */
const shapes = {
  'a server alone': faulty.bind(null, {}),
  'a deaf server': faulty.bind(null, deaf),
  'a stopped server': faulty.bind(null, {}),
  'a shell around the server': wrapped.bind(null, {}),
  'a child in its group': faulty.bind(null, { children: 'group' }),
  'a deaf child': faulty.bind(null, { children: 'stubborn' }),
  'a child that holds the pipes': faulty.bind(null, { children: 'holds-pipes' }),
  'a child in its own session': faulty.bind(null, { children: 'own-session' }),
  'a child whose parent is gone': faulty.bind(null, { children: 'double-fork' }),
  'a zombie': faulty.bind(null, { children: 'zombie' }),
}

/** Every shape as an entry whose processes are known by `mark` and the name of the shape. */
export function shapedServers(mark) {
  const entries = Object.entries(shapes).map(([name, make]) => [name, make({ env: { SHAPE: markOf(mark, name) } })])
  return Object.fromEntries(entries)
}

export const markOf = (mark, name) => `${mark}/${name}/`

/** Starts them all, each in its shape. */
export async function takeShape(supervisor) {
  await Promise.all(supervisor.servers().map((name) => supervisor.callTool(name, 'echo', { text: name })))
  process.kill(supervisor.status('a stopped server').pid, 'SIGSTOP')
}
