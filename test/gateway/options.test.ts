import { describe, expect, it } from 'vitest'

import { type GatewayOptions, type ListenOptions, createGateway } from '../../src/gateway/index.js'
import { stdioServer, supervise } from '../support/fixture-servers.js'

describe('the options of a gateway', () => {
  it.each([
    [{ naming: 'short' }, '"naming" must be "prefix" or "plain", got "short"'],
    [{ exposure: 'some' }, '"exposure" must be "all" or "search", got "some"'],
    [{ listWaitMs: -1 }, '"listWaitMs" must be a number from 0 to 2147483647, got -1'],
    [{ answerWaitMs: 2 ** 31 }, '"answerWaitMs" must be a number from 0 to 2147483647, got 2147483648'],
    [{ view: { deny: 'files' } }, 'View "default": "deny" must be an array of patterns'],
    [{ views: { a: { token: 't'.repeat(16), allow: [1] } } }, 'View "a": "allow" must be an array of patterns'],
  ])('%j are refused', (options, message) => {
    const supervisor = supervise({ server: stdioServer() })
    expect(() => createGateway(supervisor, options as unknown as GatewayOptions)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }),
    )
  })

  it.each([
    [{ port: 70_000 }, '"port" must be a port number, got 70000'],
    [{ token: 'a token with blanks in it' }, '"token" must be a text of at least 16 characters without blanks'],
    [{ allowedHosts: ['a.test:80:1'] }, '"allowedHosts" must be names of hosts, without scheme and port'],
    [{ allowedHosts: ['a.test:8080'] }, '"allowedHosts" must be names of hosts, without scheme and port'],
    [{ allowedOrigins: ['https://a.test'] }, '"allowedOrigins" must be names of hosts, without scheme and port'],
    [{ allowedOrigins: ['a.test/path'] }, '"allowedOrigins" must be names of hosts, without scheme and port'],
    [{ maxBodyBytes: 0 }, '"maxBodyBytes" must be a number >= 1, got 0'],
  ])('%j are refused when it listens', async (options: ListenOptions, message) => {
    const gateway = createGateway(supervise({ server: stdioServer() }))
    await expect(gateway.listen(options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
    })
    await gateway.close(0)
  })
})
