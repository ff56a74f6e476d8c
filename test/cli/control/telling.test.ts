import { type AddressInfo, type Socket, createConnection, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'

import { createTelling } from '../../../src/cli/control/telling.js'
import { until } from '../../support/fixture-servers.js'

interface Message {
  readonly item?: { readonly n: number }
  readonly missed?: number
}

/** Both ends of a connection on loopback: one that tells, and one that does not read yet. */
async function toSlowReader() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const reader = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
  reader.pause()
  const socket = await accepted
  onTestFinished(() => {
    for (const end of [reader, socket]) end.destroy()
    server.close()
  })
  let text = ''
  return {
    socket,
    telling: createTelling(socket, (message) => void socket.write(`${JSON.stringify(message)}\n`)),
    /** Everything that was told so far, from now on read as it comes. */
    read() {
      reader
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .resume()
      return () =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Message)
    },
  }
}

const padding = 'x'.repeat(1_000)
const count = 20_000

describe('what is told to somebody who does not read', () => {
  it('is missed at its end, and the number of what was missed is told once it reads again', async () => {
    const { socket, telling, read } = await toSlowReader()
    let caughtUp = 0
    telling.onCaughtUp(() => caughtUp++)
    for (let n = 0; n < count; n++) telling.tell({ n, padding })
    const unread = socket.writableLength
    expect(unread).toBeLessThan(count * padding.length)
    const heard = read()
    await until(() => heard().some(({ missed }) => missed !== undefined))
    expect(caughtUp).toBe(1)
    telling.tell({ n: count, padding })
    await until(() => heard().at(-1)?.missed === undefined)
    const items = heard().flatMap(({ item }) => item?.n ?? [])
    const missed = heard().flatMap((message) => message.missed ?? [])
    expect(missed).toEqual([count + 1 - items.length])
    expect(items).toEqual([...Array(items.length - 1).keys(), count])
  })

  it('is told as missed before the end, when it never read', async () => {
    const { telling, read } = await toSlowReader()
    for (let n = 0; n < count; n++) telling.tell({ n, padding })
    telling.end()
    const heard = read()
    await until(() => heard().some(({ missed }) => missed !== undefined))
    expect(heard().length - 1 + (heard().at(-1)?.missed ?? 0)).toBe(count)
  })
})
