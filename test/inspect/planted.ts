/** A supervisor with twelve secrets planted in its entries, over servers that betray them in every way. */
import type { Supervisor, SupervisorOptions } from '../../src/index.js'
import { betrayal, canaries } from '../support/fault-canaries.js'
import { stdioServer, supervise } from '../support/fixture-servers.js'
import { given, secretWeb, withSecrets } from '../support/planted-entries.js'
import { errorOf } from '../support/rejection.js'

export async function plantedSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const chatty = stdioServer({
    stderr: { mode: 'text', text: `${betrayal}\n` },
    'tools/call:echo': { mode: 'error', message: betrayal, data: { [canaries.env]: [betrayal] } },
    'tools/call:add': { mode: 'throw', message: betrayal },
  })
  const rude = stdioServer({ initialize: { mode: 'error', message: betrayal, data: betrayal } })
  return supervise(
    { chatty: withSecrets(chatty), rude: withSecrets(rude), web: await secretWeb() },
    { ...given, ...options },
  )
}

/** Lets every server betray what it knows, and calls with arguments that are secret too. */
export async function provoke(supervisor: Supervisor): Promise<void> {
  const secrets = { password: canaries.token, note: betrayal }
  await Promise.all([
    errorOf(supervisor.connect('rude')),
    errorOf(supervisor.callTool('web', 'echo', secrets)),
    errorOf(supervisor.callTool('chatty', 'echo', secrets)),
    supervisor.callTool('chatty', 'pid', secrets),
  ])
  await errorOf(supervisor.callTool('chatty', 'add', secrets))
}
