/** A supervisor with twelve secrets planted in its entries, over servers that betray them in every way. */
import type { Supervisor, SupervisorOptions } from '../../src/index.js'
import { betrayal, canaries } from '../support/fault-canaries.js'
import { httpServer, stdioServer, supervise } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const { env, envQuotes, envLines, argument, input, variable, token } = canaries
const { header, bearer, userinfo, query, oauth } = canaries
const secretEnv = {
  A: env,
  B: envQuotes,
  C: envLines,
  D: '${VARIABLE}',
  E: token,
  F: header,
  G: bearer,
  H: oauth,
  I: userinfo,
  J: query,
}

export async function plantedSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const withSecrets = ({ entry }: ReturnType<typeof stdioServer>) => ({
    ...entry,
    args: [...(entry.args ?? []), '--key', argument, '--asked', '${input:key}', '--given', '${ARGUMENT}'],
    env: { ...entry.env, ...secretEnv },
  })
  const web = await httpServer(
    { echo: { do: 'status', status: 500, body: betrayal } },
    {},
    { 'X-Key': header, Authorization: `Bearer ${bearer}` },
  )
  const url = new URL(web.entry.url ?? '')
  url.username = 'user'
  url.password = userinfo
  url.search = `?key=${query}`
  const chatty = stdioServer({
    stderr: { mode: 'text', text: `${betrayal}\n` },
    'tools/call:echo': { mode: 'error', message: betrayal, data: { [env]: [betrayal] } },
    'tools/call:add': { mode: 'throw', message: betrayal },
  })
  const rude = stdioServer({ initialize: { mode: 'error', message: betrayal, data: betrayal } })
  return supervise(
    {
      chatty: withSecrets(chatty),
      rude: withSecrets(rude),
      web: { ...web.entry, url: url.href, oauth: { clientId: 'public', clientSecret: oauth } },
    },
    { env: { VARIABLE: variable, ARGUMENT: argument }, inputs: () => input, ...options },
  )
}

/** Lets every server betray what it knows, and calls with arguments that are secret too. */
export async function provoke(supervisor: Supervisor): Promise<void> {
  const secrets = { password: token, note: betrayal }
  await Promise.all([
    errorOf(supervisor.connect('rude')),
    errorOf(supervisor.callTool('web', 'echo', secrets)),
    errorOf(supervisor.callTool('chatty', 'echo', secrets)),
    supervisor.callTool('chatty', 'pid', secrets),
  ])
  await errorOf(supervisor.callTool('chatty', 'add', secrets))
}
