import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { markPrefix, markVariable, nextMark, runningProcesses } from '../../../src/actors/process/process-tree.js'

/** For machines that have other work. */
const patient = { timeout: 15_000 }

test('gives a mark to one child only, recognisable as ours', () => {
  const marks = [nextMark(), nextMark()]
  expect(new Set(marks).size).toBe(2)
  expect(marks.every((mark) => mark.startsWith(markPrefix))).toBe(true)
})

describe.runIf(process.platform === 'linux')('the processes of Linux', () => {
  test('are found with group and marks', async () => {
    const env = { PATH: process.env['PATH'], [markVariable]: 'one two' }
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env })
    onTestFinished(() => void child.kill('SIGKILL'))
    const running = await runningProcesses()
    expect(running).toContainEqual({ pid: child.pid, group: child.pid, marks: ['one', 'two'] })
    expect(running?.find(({ pid }) => pid === process.pid)).toBeDefined()
  })

  test('do not include zombies', async () => {
    // The child ends after its parent has become a program that waits for no child: a shell might.
    const script = 'cat <&3 & echo $!; exec sleep 1000'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [, out, , held] = parent.stdio
    const zombie = Number(await new Promise((resolve) => out?.once('data', resolve)))
    const isRunning = async () => (await runningProcesses())?.some(({ pid }) => pid === zombie)
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8'), patient).toBe('sleep\n')
    expect(await isRunning()).toBe(true)
    held?.destroy()
    await expect.poll(isRunning, patient).toBe(false)
    expect(process.kill(zombie, 0)).toBe(true)
  })

  test('are scanned once for those who ask together', async () => {
    const [one, two] = await Promise.all([runningProcesses(), runningProcesses()])
    expect(one).toBe(two)
    expect(await runningProcesses()).not.toBe(one)
  })
})
