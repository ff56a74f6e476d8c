import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'

import { type Inspector, createRecorder, openInspector } from '../../src/inspect/index.js'
import { found } from '../support/fault-canaries.js'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { plantedSupervisor, provoke } from './planted.js'

async function inspected(servers: Record<string, unknown>) {
  const recorder = createRecorder()
  const supervisor = supervise(servers, { inspect: recorder.inspect })
  return { recorder, supervisor, inspector: await openInspector(supervisor, { recorder }) }
}

/** The status of a request with these headers, whatever a browser would allow. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  const sent = request(url, { headers, method })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.destroy()
  return response.statusCode ?? 0
}

test('opens to nobody who does not know the token, by another name, or from another page', async () => {
  const { inspector } = await inspected({})
  const { url } = inspector
  const { origin, port } = new URL(url)
  expect(await ask(url)).toBe(200)
  expect(await ask(url, { host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200)
  for (const path of ['/', '/events', '/index.html', '/AAAAAAAAAAAAAAAAAAAAAAAA/', `/${'x'.repeat(24)}/events`]) {
    expect(await ask(origin + path)).toBe(404)
  }
  expect(await ask(url, { host: 'rebound.example' })).toBe(403)
  expect(await ask(url, { host: `127.0.0.1:${Number(port) + 1}` })).toBe(403)
  expect(await ask(url, { origin: 'https://evil.example' })).toBe(403)
  expect(await ask(url, { origin: 'null' })).toBe(403)
  expect(await ask(`${url}reload`, { origin: 'https://evil.example' }, 'POST')).toBe(403)
  expect(await ask(url, { 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await ask(`${url}../../package.json`)).toBe(404)
  expect(await ask(`${url}%2e%2e/index.js`)).toBe(404)
  expect(await ask(url, {}, 'DELETE')).toBe(405)
})

test('refuses sockets as it refuses requests', async () => {
  const { inspector } = await inspected({})
  const { socketUrl = '' } = inspector
  for (const [url, origin] of [
    [socketUrl, 'https://evil.example'],
    [socketUrl.replace(/[^/]+\/stately$/, 'wrong/stately'), undefined],
  ] as const) {
    const socket = new WebSocket(url, origin === undefined ? {} : { origin })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toMatch(/hang up|ECONNRESET|Unexpected/)
  }
})

test('listens on 127.0.0.1 alone', async () => {
  const { inspector } = await inspected({})
  const { hostname, port } = new URL(inspector.url)
  expect(hostname).toBe('127.0.0.1')
  // Any other loopback address is another host: nobody listens there.
  const socket = connect(Number(port), '127.0.0.2')
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
})

test('ends with its supervisor, and can be closed before and again', async () => {
  const first = await inspected({ files: stdioServer() })
  const events = await fetch(`${first.inspector.url}events`)
  await first.supervisor.close()
  expect(await events.text()).toMatch(/event: closed\ndata: \{\}\n\n$/)
  await first.inspector.close()
  await expect(fetch(first.inspector.url)).rejects.toThrow('fetch failed')

  const second = await inspected({ files: stdioServer() })
  await second.inspector.close()
  await second.inspector.close()
  await second.supervisor.callTool('files', 'echo', { text: 'works on' })
})

test('tells what the system says when its port is taken', async () => {
  const { inspector, supervisor, recorder } = await inspected({})
  const port = Number(new URL(inspector.url).port)
  await expect(openInspector(supervisor, { recorder, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

/** Takes a WebSocket and says no further word, not even that it was closed. */
function connectDeaf(url: string): Promise<void> {
  const { hostname, port, pathname, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  const key = Buffer.alloc(16).toString('base64')
  const upgrade = { Host: host, Connection: 'Upgrade', Upgrade: 'websocket' }
  const headers = { ...upgrade, 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': key }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return new Promise((resolve) => socket.once('data', () => resolve()))
}

const built = new URL('../../dist/', import.meta.url).href

test.each([
  ['while somebody watches', ''],
  ['when it is closed and somebody does not let go', 'await inspector.close()'],
])('keeps no process alive %s', async (_, last) => {
  const script = `
    const { createSupervisor } = await import('${built}index.js')
    const { createRecorder, openInspector } = await import('${built}inspect/index.js')
    const recorder = createRecorder()
    const supervisor = createSupervisor({ mcpServers: {} }, { inspect: recorder.inspect })
    const inspector = await openInspector(supervisor, { recorder })
    console.log(inspector.url + ' ' + inspector.socketUrl)
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    ${last}`
  const host = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 15_000 })
  host.child.stdout?.on('data', (line: Buffer) => {
    const [page = '', socket = ''] = line.toString().trim().split(' ')
    const events = fetch(`${page}events`)
    events.then((response) => response.text()).catch(() => undefined) // Broken off when the process ends.
    void Promise.all([events, connectDeaf(socket)]).then(() => host.child.stdin?.write('end'))
  })
  await expect(host).resolves.toMatchObject({ stdout: expect.stringContaining('http://127.0.0.1:') as string })
})

async function streamed(inspector: Inspector, path: string, sink: string[]): Promise<void> {
  const response = await fetch(`${inspector.url}${path}`)
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) sink.push(decoder.decode(chunk as Uint8Array, { stream: true }))
}

test('shows no secret in the page, its events, or what it tells of a server', async () => {
  const recorder = createRecorder()
  const supervisor = await plantedSupervisor({ inspect: recorder.inspect })
  const inspector = await openInspector(supervisor, { recorder })
  const seen: string[] = []
  const streams = ['events', 'stately/events'].map((path) => streamed(inspector, path, seen))
  await until(() => seen.length >= 2)
  await provoke(supervisor)
  for (const name of supervisor.servers()) {
    const response = await fetch(`${inspector.url}servers/${name}`)
    seen.push(await response.text())
  }
  const restart = await fetch(`${inspector.url}servers/rude/restart`, { method: 'POST' })
  expect(restart.status).toBe(409)
  seen.push(await restart.text())
  await supervisor.close()
  await Promise.all(streams)
  const text = seen.join('')
  for (const outlet of ['event: change', '@xstate.snapshot', '"explanation"', 'CONNECTION_LOST'])
    expect([outlet, text.includes(outlet)]).toEqual([outlet, true])
  expect(found(text)).toEqual([])
})
