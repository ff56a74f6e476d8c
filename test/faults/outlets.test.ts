/** The twelve canaries of X02 in the outlets that are not the supervisor's own: leases, the gateway, the command line. */
import { expect, test } from 'vitest'
import { folderOf, runCommand, startCommand } from '../cli/command-line.js'
import { openGateway } from '../gateway/gateway-bench.js'
import { beginSession, callOf, initialize, send } from '../gateway/raw-client.js'
import { betrayal, canaries, found, seen } from '../support/fault-canaries.js'
import { watch } from '../support/fault-watch.js'
import { type StdioServer, configOf, stdioServer, supervise } from '../support/fixture-servers.js'
import { given, secretWeb, withSecrets } from '../support/planted-entries.js'

const chatty = () =>
  stdioServer({
    stderr: { mode: 'text', text: `${betrayal}\n` },
    'tools/call:echo': { mode: 'error', message: betrayal, data: { [canaries.env]: [betrayal] } },
    'tools/call:add': { mode: 'throw', message: betrayal },
    'tools/call:counter': {
      mode: 'raw',
      line: `{"jsonrpc":"2.0","id":$ID,"error":{"code":${JSON.stringify(betrayal)},"message":""}}`,
    },
  })
const rude = () => stdioServer({ initialize: { mode: 'error', message: betrayal, data: betrayal } }, { retries: 0 })
const dying = () => stdioServer({ start: { mode: 'throw', message: betrayal } }, { retries: 0 })
const failing = ['echo', 'add', 'counter']

/** Its faults hold canaries too: they are handed over where secrets are. */
function planted(server: StdioServer) {
  const {
    args: [script = '', faults = '', ...args],
    env,
    ...entry
  } = withSecrets(server)
  return { ...entry, args: [script, ...args], env: { ...env, FAULT: faults } }
}

async function plantedServers() {
  return { chatty: planted(chatty()), rude: planted(rude()), dying: planted(dying()), web: await secretWeb() }
}

test('X02: no secret is seen through a lease', async () => {
  const supervisor = supervise(await plantedServers(), given)
  const { events } = watch(supervisor)
  const places: unknown[] = []
  for (const name of supervisor.servers()) {
    await using lease = supervisor.lease(name)
    const outcome = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
    for (const tool of failing) places.push(await outcome(lease.callTool(tool, { a: 1, b: 2 })))
    places.push(lease.status(), await outcome(lease.listTools()))
  }
  expect(places.filter((place) => seen(place).includes('***')).length).toBeGreaterThan(8)
  expect(events.filter((event) => 'lease' in event).length).toBeGreaterThan(8)
  expect(found([...places, ...events].map((place) => seen(place)).join('\n'))).toEqual([])
})

test('X02: no secret is told to a client of the gateway, nor to whoever watches it', async () => {
  const { endpoint, gateway } = await openGateway(await plantedServers(), { listWaitMs: 5_000 }, {}, given)
  const headers = await beginSession(endpoint.url, endpoint.token)
  const told: string[] = []
  const ask = async (body: object) => void told.push((await send(endpoint.url, { headers, body })).text)
  await ask(initialize)
  await ask({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
  for (const tool of failing) {
    for (const server of ['chatty', 'rude', 'dying', 'web'])
      await ask(callOf(2, `${server}__${tool}`, { text: 'x', a: 1, b: 2 }))
  }
  for (const path of ['/metrics', '/healthz', '/readyz'])
    told.push((await send(endpoint.url, { method: 'GET', path, headers })).text)
  told.push(seen(gateway.clients()))

  expect(told.filter((text) => text.includes('***')).length).toBeGreaterThan(2)
  expect(found(told.join('\n'))).toEqual([])
})

test('X02: no secret is printed by the command line, for people or for machines, with an instance or without', async () => {
  const { web, ...local } = await plantedServers()
  // Nobody is there to be asked.
  const unasked = Object.entries(local).map(([name, entry]) => [
    name,
    {
      ...entry,
      args: entry.args.filter((word) => !word.includes('${input:')),
      env: { ...entry.env, INPUT: canaries.input },
    },
  ])
  const cwd = folderOf({ 'mcp.json': configOf({ ...Object.fromEntries(unasked), web }) })
  const env = { VARIABLE: canaries.variable, ARGUMENT: canaries.argument }
  const told: string[] = []
  const run = async (...words: string[]) => {
    for (const form of [[], ['--json']]) {
      const { stdout, stderr } = await runCommand([...words, '-c', 'mcp.json', ...form], { cwd, env })
      told.push(stdout, stderr)
    }
  }
  await run('call', 'chatty.echo', 'text=x')
  await run('config', 'print')

  const instance = startCommand(['run', '-c', 'mcp.json'], { cwd, env })
  await instance.says('chatty is ready')
  await run('call', 'chatty.add', 'a=1', 'b=2')
  await run('call', 'web.echo', 'text=x')
  await run('call', 'dying')
  for (const words of [['status'], ['status', 'dying'], ['logs', 'chatty'], ['tools'], ['doctor']]) await run(...words)
  instance.child.kill('SIGTERM')
  told.push((await instance.ended).stderr)

  expect(told.filter((text) => text.includes('***')).length).toBeGreaterThan(8)
  expect(found(told.join('\n'))).toEqual([])
}, 60_000)
