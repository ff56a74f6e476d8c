import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { openCallbackServer } from '../../src/auth/callback-server.js'

/** The status that a request with that target is answered with, written as it is. */
function statusOf(port: number, path: string, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test('a callback server takes one redirect, at its very address, and nothing that anybody else sends moves it', async () => {
  const server = await openCallbackServer('127.0.0.1', 0)
  onTestFinished(() => server.close())
  const asked = (path: string, method?: string) => statusOf(server.port, path, method)
  expect(await asked('/callback?state=mine')).toBe(400)
  const arrived = server.wait((parameters) => parameters.get('state') === 'mine')
  for (const path of ['//', '//[', 'http://', '*', '/callback/', '/callback/..', '/'])
    expect([path, await asked(path)]).toEqual([path, 404])
  expect(await asked('/callback?state=mine', 'POST')).toBe(404)
  expect(await asked('/callback?state=other')).toBe(400)
  expect(await asked('/callback?state=mine&code=1')).toBe(200)
  expect(await asked('/callback?state=mine&code=2')).toBe(400)
  expect((await arrived).get('code')).toBe('1')
})
