import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { readFairly } from '../../../src/actors/stdio/fair-reader.js'
import { until } from '../stdio-fixture.js'

function shell(script: string): ChildProcess & { stdout: Readable } {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  onTestFinished(() => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // ESRCH: nothing of the group is left.
    }
  })
  return child
}

function burn(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('gives others a turn after two milliseconds of work, however much waits', async () => {
  const { stdout } = shell('yes')
  let steps = 0
  let stepsOfTurn = 0
  let longestTurn = 0
  let waiting = 0
  readFairly(stdout, {
    push: (chunk) => (waiting += chunk.length),
    step: () => {
      if (waiting <= 0) return false
      waiting -= 10
      steps += 1
      stepsOfTurn += 1
      burn(0.5)
      return true
    },
  })
  let isOver = false
  const turn = (): void => {
    longestTurn = Math.max(longestTurn, stepsOfTurn)
    stepsOfTurn = 0
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await until(() => steps > 200)
  isOver = true
  // Four steps fill two milliseconds; a turn may see the end of one budget and the begin of the next.
  expect(longestTurn).toBeLessThanOrEqual(10)
})

test('makes a writer wait that is faster than the work', async () => {
  const { stdout } = shell('yes')
  let waiting = 0
  let most = 0
  let steps = 0
  readFairly(stdout, {
    push: (chunk) => (most = Math.max(most, (waiting += chunk.length))),
    step: () => {
      if (waiting <= 0) return false
      waiting -= 1_000
      steps += 1
      burn(0.2)
      return true
    },
  })
  await until(() => steps > 500)
  expect(most).toBeLessThan(1024 * 1024)
})

test('is drained when the pipe is empty although somebody holds it', async () => {
  const child = shell('sleep 1000 & echo last words')
  const read: string[] = []
  const reader = readFairly(child.stdout, { push: (chunk) => read.push(chunk.toString()), step: () => false })
  await once(child, 'exit')
  await reader.drained()
  expect(read.join('')).toBe('last words\n')
  expect(child.stdout.readableEnded).toBe(false)
})

test('is drained at last although somebody goes on writing', async () => {
  const child = shell('yes & exit 0')
  const reader = readFairly(child.stdout, { push: () => {}, step: () => false })
  await once(child, 'exit')
  await reader.drained()
})

test('reads on and keeps nothing when it discards', async () => {
  const child = shell('head -c 3000000 /dev/zero')
  let pushed = 0
  const reader = readFairly(child.stdout, { push: (chunk) => (pushed += chunk.length), step: () => false })
  reader.discard()
  await once(child.stdout, 'end')
  expect(pushed).toBe(0)
})
