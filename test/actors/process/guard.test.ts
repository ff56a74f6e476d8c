import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { emptyJournal, fixturePath, isRunning, until, type Journal } from '../stdio-fixture.js'
import { buildForHosts, removeBuild } from '../../support/build-for-hosts.js'

let built: string
beforeAll(() => {
  built = buildForHosts('src/actors/stdio/stdio-transport.ts')
}, 60_000)
afterAll(() => removeBuild(built))

interface Host {
  readonly process: ChildProcess
  readonly guard: number
}

/** A host that has run `script` (which may use `start(env)` and `guardPid()`) and reported its guard. */
async function runningHost(script: string): Promise<Host> {
  const code = `
    import { spawnGroup } from ${JSON.stringify(`${built}/actors/process/process-group.js`)}
    import { readFileSync, readdirSync } from 'node:fs'
    const isGuard = (pid) => {
      try {
        const [parent] = readFileSync(\`/proc/\${pid}/stat\`, 'utf8').split(') ')[1].split(' ').slice(1)
        return Number(parent) === process.pid && readFileSync(\`/proc/\${pid}/cmdline\`, 'utf8').includes('mcpvisor-guard')
      } catch {
        return false
      }
    }
    const guardPid = () => readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map(Number).find(isGuard)
    const start = (env) => spawnGroup(
      { transport: 'stdio', command: process.execPath, args: [${JSON.stringify(fixturePath)}], env },
      { server: 'fixture', shutdownTimeoutMs: 1000 },
    )
    ${script}
    console.log(guardPid())
  `
  const host = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void host.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string]
  return { process: host, guard: Number(line) }
}

function server(journal: Journal, faults: object): string {
  return JSON.stringify({ JOURNAL: journal.path, FAULT: JSON.stringify(faults) })
}

/** All processes of the journal: servers and what they started. */
function processes(journal: Journal): number[] {
  return [...new Set(journal.lines().flatMap(({ pid, child }) => [pid, ...(child ? [child] : [])]))]
}

const staysAlive = 'setInterval(() => {}, 1000)'
const deaf = { end: 'ignore', term: 'ignore' }

describe.skipIf(process.platform !== 'linux')('the guard and its host', () => {
  test('P04 T8 leaves nothing behind when the host is killed', async () => {
    const journal = emptyJournal()
    const shapes = [{}, deaf, { children: 'group' }, { children: 'stubborn', ...deaf }, { children: 'holds-pipes' }]
    if (process.platform === 'linux') shapes.push({ children: 'own-session' }, { children: 'double-fork' })
    const starts = shapes.map((faults) => `await start(${server(journal, faults)})`)
    const host = await runningHost([...starts, staysAlive].join('\n'))
    const children = shapes.filter((shape) => 'children' in shape).length
    await until(() => processes(journal).length === shapes.length + children)

    host.process.kill('SIGKILL')
    await until(() => processes(journal).every((pid) => !isRunning(pid)))
    await until(() => !isRunning(host.guard))
  })

  test('P03 leaves nothing behind when the host throws', async () => {
    const journal = emptyJournal()
    const host = await runningHost(`
      await start(${server(journal, deaf)})
      process.on('SIGUSR2', () => { throw new Error('crash') })
      ${staysAlive}
    `)
    await until(() => processes(journal).length === 1)
    host.process.kill('SIGUSR2')
    await until(() => processes(journal).every((pid) => !isRunning(pid)))
  })

  test('P12 lets a host that is finished end, and its servers with it', async () => {
    const journal = emptyJournal()
    const host = await runningHost(`await start(${server(journal, deaf)})`)
    if (host.process.exitCode === null) await once(host.process, 'exit')
    expect(host.process.exitCode).toBe(0)
    await until(() => !isRunning(host.guard))
    expect(processes(journal).filter(isRunning)).toEqual([])
  })

  test('P12 keeps a host alive that waits for an answer', async () => {
    const host = await runningHost(`
      const { createStdioTransport } = await import(${JSON.stringify(`${built}/actors/stdio/stdio-transport.js`)})
      const endpoint = { transport: 'stdio', command: process.execPath, args: [${JSON.stringify(fixturePath)}], env: {} }
      const transport = createStdioTransport(endpoint, { server: 'fixture', shutdownTimeoutMs: 1000 })
      await transport.start()
      const params = { name: 'sleep', arguments: { ms: 500 } }
      transport.onmessage = () => { process.exitCode = 7 }
      transport.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
    `)
    if (host.process.exitCode === null) await once(host.process, 'exit')
    expect(host.process.exitCode).toBe(7)
  })

  test('does not touch a group that was taken back', async () => {
    const journal = emptyJournal()
    const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    onTestFinished(() => void bystander.kill('SIGKILL'))
    const host = await runningHost(`
      const { guardGroup, unguardGroup } = await import(${JSON.stringify(`${built}/actors/process/guard.js`)})
      await start(${server(journal, {})})
      for (const group of [${bystander.pid}, 999999]) guardGroup(group)
      for (const group of [999999, ${bystander.pid}]) unguardGroup(group)
      ${staysAlive}
    `)
    await until(() => processes(journal).length === 1)
    host.process.kill('SIGKILL')
    await until(() => !isRunning(host.guard))
    expect(processes(journal).filter(isRunning)).toEqual([])
    expect(isRunning(bystander.pid ?? 0)).toBe(true)
  })

  test('is replaced when it dies', async () => {
    const journal = emptyJournal()
    const host = await runningHost(`
      await start(${server(journal, deaf)})
      process.kill(guardPid(), 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, 300))
      await start(${server(journal, deaf)})
      ${staysAlive}
    `)
    await until(() => processes(journal).length === 2)
    host.process.kill('SIGKILL')
    await until(() => processes(journal).every((pid) => !isRunning(pid)))
  })

  test.runIf(process.platform === 'linux')('is small, in a session of its own, and alone with its pipe', async () => {
    const journal = emptyJournal()
    const host = await runningHost(`await start(${server(journal, {})}); ${staysAlive}`)
    await until(() => processes(journal).length === 1)
    const [serverPid = 0] = processes(journal)
    const session = (pid: number): string | undefined =>
      readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[3]
    expect(session(host.guard)).toBe(String(host.guard))
    const residentKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.guard}/status`, 'latin1'))?.[1])
    expect(residentKb).toBeLessThan(4 * 1024)

    const sockets = (pid: number): string[] =>
      readdirSync(`/proc/${pid}/fd`)
        .map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`))
        .filter((target) => target.startsWith('socket:'))
    const ends = new Set(sockets(serverPid))
    expect(sockets(host.process.pid ?? 0).filter((socket) => ends.has(socket))).toEqual([])
    // stdin, stdout and stderr: nothing of the guard's pipe or of other servers.
    expect(ends.size).toBe(3)
  })
})
