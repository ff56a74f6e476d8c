import { setTimeout as sleep } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { echo, faulty } from './fixtures.js'
import { onceOnly } from './once-only.js'

const kills = 80
const killsWithHeldPipes = 20
/** Long enough to be stable, so that every kill is a first one. */
const policy = { stableAfterMs: 10, maxRestarts: 1_000 }

/** Servers killed one after another: how soon each death is seen, and how soon a call succeeds again. */
export const deaths = onceOnly(async () => {
  const alone = await killAgainAndAgain(echo(policy), kills)
  const held = await killAgainAndAgain(faulty({ children: 'holds-pipes' }, { supervisor: policy }), killsWithHeldPipes)
  return { seen: [...alone.seen, ...held.seen], healed: alone.healed, kills, killsWithHeldPipes }
})

async function killAgainAndAgain(entry, times) {
  const supervisor = createSupervisor({ mcpServers: { victim: entry } })
  const seen = []
  const healed = []
  const call = () => supervisor.callTool('victim', 'echo', { text: 'x' })
  await call()
  for (let n = 0; n < times; n++) {
    await sleep(20)
    const killedAt = performance.now()
    const stop = supervisor.on(
      'state.changed',
      ({ from }) => from === 'ready' && seen.push(performance.now() - killedAt),
    )
    process.kill(supervisor.status('victim').pid, 'SIGKILL')
    while (
      !(await call().then(
        () => true,
        () => false,
      ))
    );
    healed.push(performance.now() - killedAt)
    stop()
  }
  await supervisor.close()
  return { seen, healed }
}
