import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildForHosts, removeBuild } from '../support/build-for-hosts.js'
import { startHost } from '../support/fault-host.js'
import { shellServer } from '../support/fault-shell-server.js'
import { httpServer, isRunning, stdioServer, until } from '../support/fixture-servers.js'

let build: string
beforeAll(() => void (build = buildForHosts()), 120_000)
afterAll(() => removeBuild(build))

const onLinux = process.platform === 'linux'

describe.skipIf(process.platform === 'win32')('a host', () => {
  test.each([
    ['P03', 'throws what nobody catches', "setTimeout(() => { throw new Error('host') })"],
    ['P04', 'is killed', "process.kill(process.pid, 'SIGKILL')"],
  ])('%s: no process is left of a host that %s', async (_, _title, end) => {
    const children = { children: onLinux ? ['group', 'own-session'] : ['group'] }
    const servers = [stdioServer(children), stdioServer({ end: 'ignore', term: 'ignore' })]
    const host = startHost(
      build,
      Object.fromEntries(servers.map((server, n) => [`s${n}`, server])),
      `
      await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))
      say('ready')
      await sleep(200)
      ${end}
      await sleep(60_000)
    `,
    )
    await host.heard()
    const processes = () => servers.flatMap((server) => [...server.pids(), ...server.journal.children()])

    await host.exited
    const goneAt = performance.now()
    await until(() => processes().every((pid) => !isRunning(pid)))
    // A second and a half are promised; T8 measures it on a machine that has nothing else to do.
    expect(performance.now() - goneAt).toBeLessThan(5_000)
    expect(processes()).toHaveLength(onLinux ? 4 : 3)
  })

  test.skipIf(!onLinux)(
    'P05: without descriptors a spawn fails and is retried, and open connections live',
    async () => {
      const host = startHost(
        build,
        { open: shellServer(), late: shellServer({ retries: 100, minTimeoutMs: 50, maxTimeoutMs: 50 }) },
        `
      import { closeSync, openSync } from 'node:fs'
      await supervisor.connect('open')
      const descriptors = []
      try { for (;;) descriptors.push(openSync('/dev/null')) } catch {}
      const late = supervisor.connect('late')
      while (supervisor.status('late').state !== 'retrying') await sleep(10)
      say(supervisor.status('late').error)
      say((await supervisor.callTool('open', 'echo', { text: 'lives' })).content[0].text)
      for (const descriptor of descriptors) closeSync(descriptor)
      await late
      say(supervisor.status('late').state)
      say(supervisor.status('open').restarts)
      await supervisor.close()
    `,
        { limits: ['--nofile=512:512'] },
      )
      expect(await host.heard()).toContain('EMFILE')
      expect([await host.heard(), await host.heard(), await host.heard()]).toEqual(['lives', 'ready', 0])
      expect(await host.exited).toEqual({ code: 0, signal: null })
    },
  )

  // Only a process of another user than root meets the limit, and only root can become another user.
  test.skipIf(process.getuid?.() !== 0 || !onLinux)(
    'P06: without processes a spawn fails and is retried, and open connections live',
    async () => {
      const host = startHost(
        build,
        { open: shellServer(), late: shellServer({ retries: 100, minTimeoutMs: 20, maxTimeoutMs: 20 }) },
        `
      await supervisor.connect('open')
      process.setgid(65534)
      process.setuid(65534)
      supervisor.connect('late').catch(() => {})
      while (supervisor.status('late').attempt < 3) await sleep(10)
      say(supervisor.status('late').error)
      say((await supervisor.callTool('open', 'echo', { text: 'lives' })).content[0].text)
      await supervisor.close()
      say('closed')
    `,
        { limits: ['--nproc=1:'] },
      )
      expect(await host.heard()).toContain('EAGAIN')
      expect([await host.heard(), await host.heard()]).toEqual(['lives', 'closed'])
    },
  )

  test('P10: deadlines that passed while the host was suspended let the answers in the pipes win, and nothing restarts', async () => {
    const server = stdioServer()
    const host = startHost(
      build,
      { server },
      `
      await supervisor.connect('server')
      const call = supervisor.callTool('server', 'sleep', { ms: 500 }, { timeoutMs: 1_500 })
      say('called')
      say(await call.then(({ content }) => content[0].text, ({ code }) => code))
      say(supervisor.status('server').restarts)
      await supervisor.close()
    `,
    )
    await host.heard()
    await until(() => server.received('tools/call') === 1)
    host.process.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    host.process.kill('SIGCONT')
    expect([await host.heard(), await host.heard()]).toEqual(['slept 500', 0])
    await host.exited
  })

  test('X03: a host that has frozen the prototype of all objects is served as any other', async () => {
    const server = stdioServer({ tools: 'hostile' })
    const web = await httpServer()
    const host = startHost(
      build,
      { server, web },
      `
      Object.freeze(Object.prototype)
      say((await supervisor.listTools('server')).map(({ name }) => name).includes('__proto__'))
      for (const name of supervisor.servers())
        say((await supervisor.callTool(name, 'echo', JSON.parse('{"text":"x","__proto__":{"polluted":1}}'))).content[0].text)
      say((await supervisor.reload({ mcpServers: { ['constructor']: { command: 'x' } } })).ok)
      say((await supervisor.callTool('toString', 'echo').catch(({ code }) => code)))
      await supervisor.close()
      say('closed')
    `,
    )
    const heard: unknown[] = []
    while (heard.at(-1) !== 'closed') heard.push(await host.heard())
    expect(heard).toEqual([true, 'x', 'x', false, 'SERVER_UNKNOWN', 'closed'])
  })

  test('P12: a program that ends without close is not kept alive, and its servers end with it', async () => {
    const server = stdioServer({ end: 'ignore' })
    const host = startHost(
      build,
      { server },
      `
      await supervisor.callTool('server', 'pid')
      say('done')
    `,
    )
    await host.heard()
    expect(await host.exited).toEqual({ code: 0, signal: null })
    await until(() => server.pids().every((pid) => !isRunning(pid)))
  })

  test.skipIf(!onLinux)(
    'P13: descriptors, timers and memory are flat over many calls, restarts, crashes and reloads',
    async () => {
      const host = startHost(
        build,
        { server: shellServer({ maxRestarts: 10_000 }) },
        `
      import { readdirSync } from 'node:fs'
      const turn = async (n) => {
        const signal = new AbortController().signal
        await supervisor.callTool('server', 'echo', { text: 'x' }, { signal, timeoutMs: 10_000 })
        if (n % 3 === 0) await supervisor.restart('server')
        if (n % 3 === 1) process.kill(supervisor.status('server').pid, 'SIGKILL')
        if (n % 3 === 2) await supervisor.reload({ mcpServers: { server: { ...config.mcpServers.server, description: String(n), args: [...config.mcpServers.server.args, String(n)] } } })
        if (n % 3 === 1) while (supervisor.status('server').state === 'ready') await sleep(1)
      }
      const measure = async () => {
        await supervisor.callTool('server', 'echo', { text: 'x' })
        await sleep(300)
        gc()
        return {
          heap: process.memoryUsage().heapUsed,
          descriptors: readdirSync('/proc/self/fd').length,
          resources: process.getActiveResourcesInfo().toSorted().join(' '),
        }
      }
      // Opens stdout, which is a resource too.
      say('started')
      for (let n = 0; n < 60; n++) await turn(n)
      say(await measure())
      for (let n = 0; n < 120; n++) await turn(n)
      say(await measure())
      await supervisor.close()
    `,
        { node: ['--expose-gc'] },
      )
      await host.heard()
      type Measure = { heap: number; descriptors: number; resources: string }
      const before = (await host.heard()) as Measure
      const after = (await host.heard()) as Measure
      expect([after.descriptors, after.resources]).toEqual([before.descriptors, before.resources])
      expect((after.heap - before.heap) / 120).toBeLessThan(4 * 1024)
    },
    120_000,
  )
})
