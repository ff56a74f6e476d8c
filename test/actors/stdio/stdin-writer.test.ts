import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { RequestId } from '../../../src/actors/wire/pending-requests.js'
import { createStdinWriter, type StdinWriter } from '../../../src/actors/stdio/stdin-writer.js'
import { failure } from '../../../src/errors.js'
import { rejectionOf, until } from '../stdio-fixture.js'

interface Written {
  readonly writer: StdinWriter
  readonly written: RequestId[]
  readonly broken: Error[]
  readonly stdin: Writable
}

/** A writer to a real process: `cat` reads all, `sleep` reads nothing, `true` is gone soon. */
function writerTo(command: string, args: string[] = [], limitBytes = 1e6): Written {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const written: RequestId[] = []
  const broken: Error[] = []
  const writer = createStdinWriter(child.stdin, {
    limitBytes,
    onWritten: (id) => void (written.includes(id) || written.push(id)),
    onBroken: (error) => broken.push(error),
  })
  return { writer, written, broken, stdin: child.stdin }
}

const full = () => failure('QUEUE_FULL', 'full')
const lost = failure('CONNECTION_LOST', 'gone')

test('counts a request as written when the pipe has taken it', async () => {
  const { writer, written } = writerTo('cat')
  writer.request('{}\n', 1)
  writer.request('{}\n', 2)
  expect(written).toEqual([])
  await writer.notify('{}\n', full)
  expect(written).toEqual([1, 2])
})

test('knows what the pipe has taken before anybody else can act', async () => {
  const { writer, written } = writerTo('cat')
  writer.request('{}\n', 1)
  await new Promise<void>((resolve) => process.nextTick(() => queueMicrotask(resolve)))
  writer.abandon(lost)
  expect(written).toEqual([1])
})

test('of a batch that the pipe took in part, only the last line surely did not leave', async () => {
  const { writer, written } = writerTo('sleep', ['1000'])
  for (const id of [1, 2, 3]) writer.request('x'.repeat(80_000), id)
  // Not part of the batch: it waits on our side.
  await until(() => written.length > 0)
  writer.request('x', 4)
  writer.abandon(lost)
  expect(written).toEqual([1, 2])
})

test('does not call a request unsent while the pipe may still take it', async () => {
  const { writer, written } = writerTo('sleep', ['1000'])
  writer.request('x'.repeat(500_000), 1)
  await new Promise(setImmediate)
  expect(written).toEqual([])
  writer.finish()
  expect(written).toEqual([1])
})

test('drops requests that wait when it finishes, and writes the messages without answer', async () => {
  const { writer, written, stdin } = writerTo('cat')
  writer.request('{}\n', 1)
  const notified = writer.notify('{}\n', full)
  writer.finish()
  stdin.end()
  await notified
  expect(written).toEqual([])
})

test('refuses more than its limit, but takes one long message', async () => {
  const { writer } = writerTo('sleep', ['1000'], 1_000_000)
  expect(writer.request('x'.repeat(3_000_000), 1)).toBe(true)
  expect(writer.request('x', 2)).toBe(false)
  expect(await rejectionOf(writer.notify('x', full))).toMatchObject({ code: 'QUEUE_FULL' })
})

test('has room again when the pipe has taken what waited', async () => {
  const { writer } = writerTo('cat', [], 100)
  for (let n = 0; n < 20; n += 1) await writer.notify('x'.repeat(90), full)
})

test('tells once that the pipe is broken, and rejects what waits with the reason it is given', async () => {
  const { writer, written, broken } = writerTo('true')
  const notified: Promise<unknown>[] = []
  await until(() => {
    if (broken.length === 0) notified.push(rejectionOf(writer.notify('x', full)).catch(() => 'written'))
    return broken.length > 0
  })
  writer.request('x', 1)
  writer.abandon(lost)
  expect(await notified.at(-1)).toMatchObject({ code: 'CONNECTION_LOST' })
  expect(broken).toHaveLength(1)
  expect(written).toEqual([])
})
