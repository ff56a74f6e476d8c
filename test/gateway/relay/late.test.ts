import { expect, it } from 'vitest'

import { stdioSurface } from '../../protocol/surfaces.js'
import { until } from '../../support/fixture-servers.js'
import { answered, modernClient, openGateway } from '../gateway-bench.js'

it('a client of 2026-07-28 that does not come back has its request given up, and is refused when it does', async () => {
  const { endpoint, supervisor } = await openGateway({ it: stdioSurface('both') }, { answerWaitMs: 50 })
  const idle = () => supervisor.status('it').inFlight === 0
  const client = await modernClient(endpoint, { roots: {} }, (of) =>
    of.setRequestHandler('roots/list', async () => {
      // The person thinks for longer than the gateway waits.
      await until(idle)
      return { roots: [{ uri: 'file:///late' }] }
    }),
  )
  await expect(client.callTool({ name: 'it__roots', arguments: {} })).rejects.toMatchObject({ code: -32602 })
  expect(answered(await client.callTool({ name: 'it__add', arguments: { a: 1, b: 2 } }))).toBeDefined()
})
