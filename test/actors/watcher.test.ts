import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createActor, createMachine } from 'xstate'
import { describe, expect, it, onTestFinished } from 'vitest'

import { fromWatcher } from '../../src/actors/watcher.js'
import { type Clock, systemClock } from '../../src/clock.js'
import { createVirtualClock } from '../support/virtual-clock.js'
import { until } from './stdio-fixture.js'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A watcher that had its first look, which counts as one change. */
async function settledWatcher(path: string, time: Clock = systemClock) {
  let changes = 0
  let timers = 0
  const clock = {
    ...time,
    setTimeout: (fn: () => void, ms: number) => {
      timers++
      return time.setTimeout(fn, ms)
    },
  }
  const machine = createMachine({
    invoke: { id: 'watcher', src: fromWatcher({ path, clock }) },
    on: { 'config.changed': { actions: () => void changes++ } },
  })
  const parent = createActor(machine)
  parent.start()
  onTestFinished(() => void parent.stop())
  await until(() => changes === 1)
  return { changes: () => changes, looks: () => timers, stop: () => parent.stop() }
}

describe('the watcher', () => {
  it('hears of a write, of every atomic replace, and of a file that went and came back', async () => {
    const path = join(emptyFolder(), 'mcp.json')
    writeFileSync(path, '1')
    const watcher = await settledWatcher(path)

    writeFileSync(path, '2')
    await until(() => watcher.changes() === 2)
    for (const [index, content] of ['3', '4'].entries()) {
      writeFileSync(`${path}.new`, content)
      renameSync(`${path}.new`, path)
      await until(() => watcher.changes() === 3 + index)
    }
    unlinkSync(path)
    await until(() => watcher.changes() === 5)
    writeFileSync(path, '5')
    await until(() => watcher.changes() === 6)
  })

  it('tells nothing for the same bytes, however often they are written', async () => {
    const folder = emptyFolder()
    const path = join(folder, 'mcp.json')
    writeFileSync(path, 'same')
    const watcher = await settledWatcher(path)

    for (let turn = 0; turn < 3; turn++) {
      const before = watcher.looks()
      writeFileSync(`${path}.new`, 'same')
      renameSync(`${path}.new`, path)
      appendFileSync(join(folder, 'neighbour'), 'x')
      await until(() => watcher.looks() > before)
    }
    writeFileSync(path, 'other')
    await until(() => watcher.changes() === 2)
  })

  it('follows a link that is turned, and writes to where it leads', async () => {
    const [folder, elsewhere] = [emptyFolder(), emptyFolder()]
    const path = join(folder, 'mcp.json')
    writeFileSync(join(elsewhere, 'a'), 'a')
    writeFileSync(join(elsewhere, 'b'), 'b')
    symlinkSync(join(elsewhere, 'a'), path)
    const watcher = await settledWatcher(path)

    writeFileSync(join(elsewhere, 'a'), 'a2')
    await until(() => watcher.changes() === 2)
    symlinkSync(join(elsewhere, 'b'), `${path}.new`)
    renameSync(`${path}.new`, path)
    await until(() => watcher.changes() === 3)
  })

  it('sees a mounted folder whose data are replaced by turning a link inside', async () => {
    const folder = emptyFolder()
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'mcp.json'), version)
    }
    symlinkSync('v1', join(folder, 'data'))
    symlinkSync('data/mcp.json', join(folder, 'mcp.json'))
    const watcher = await settledWatcher(join(folder, 'mcp.json'))

    symlinkSync('v2', join(folder, 'data.new'))
    renameSync(join(folder, 'data.new'), join(folder, 'data'))
    await until(() => watcher.changes() === 2)
  })

  it('hears of a file whose folder was deleted and made again', async () => {
    const folder = join(emptyFolder(), 'deep', 'down')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'mcp.json')
    writeFileSync(path, '1')
    const watcher = await settledWatcher(path)

    rmSync(join(folder, '..'), { recursive: true })
    await until(() => watcher.changes() === 2)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, '2')
    await until(() => watcher.changes() === 3)
    writeFileSync(path, '3')
    await until(() => watcher.changes() === 4)
  })

  it('starts on a file that is not there yet', async () => {
    const path = join(emptyFolder(), 'later', 'mcp.json')
    const watcher = await settledWatcher(path)
    mkdirSync(join(path, '..'))
    writeFileSync(path, '1')
    await until(() => watcher.changes() === 2)
  })

  it('looks although the folder is never quiet', async () => {
    const folder = emptyFolder()
    const path = join(folder, 'mcp.json')
    writeFileSync(path, '1')
    const watcher = await settledWatcher(path)
    const noise = setInterval(() => appendFileSync(join(folder, 'log'), 'x'), 10)
    onTestFinished(() => clearInterval(noise))
    writeFileSync(path, '2')
    await until(() => watcher.changes() === 2)
  })

  it('tells nothing once it is stopped', async () => {
    const path = join(emptyFolder(), 'mcp.json')
    writeFileSync(path, '1')
    const watcher = await settledWatcher(path)
    watcher.stop()
    writeFileSync(path, '2')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(watcher.changes()).toBe(1)
  })

  it('waits for quiet on the clock it is given, and leaves no timer on it', async () => {
    const path = join(emptyFolder(), 'mcp.json')
    writeFileSync(path, '1')
    const clock = createVirtualClock()
    const watcher = await settledWatcher(path, clock)
    writeFileSync(path, '2')
    await until(() => clock.pending === 1)
    clock.advance(50)
    expect(watcher.changes()).toBe(1)
    clock.advance(100)
    await until(() => watcher.changes() === 2)

    writeFileSync(path, '3')
    await until(() => clock.pending === 1)
    watcher.stop()
    expect(clock.pending).toBe(0)
  })
})
