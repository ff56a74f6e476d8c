import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { type Inspector, createRecorder, openInspector } from '../../src/inspect/index.js'
import type { Supervisor, SupervisorOptions } from '../../src/index.js'
import { type StdioServer, stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { executablePath, launch, picture } from './browser.js'

interface Opened {
  readonly supervisor: Supervisor
  readonly inspector: Inspector
  readonly page: Page
}

describe.skipIf(!executablePath)('the live page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  async function open(
    servers: Record<string, unknown>,
    view: Parameters<Browser['newContext']>[0] = {},
    options: SupervisorOptions = {},
  ): Promise<Opened> {
    const recorder = createRecorder()
    const supervisor = supervise(servers, { inspect: recorder.inspect, ...options })
    const inspector = await openInspector(supervisor, { recorder })
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...view })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const foreign: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(inspector.url)) foreign.push(request.url())
    })
    page.on('pageerror', (error) => foreign.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') foreign.push(message.text())
    })
    onTestFinished(() => expect(foreign).toEqual([]))
    await page.goto(inspector.url)
    return { supervisor, inspector, page }
  }

  const stateOf = (page: Page) => page.locator('#state').textContent()
  const litIn = (page: Page) =>
    page.locator('.state[aria-current]').evaluateAll((all) => all.map((one) => one.getAttribute('data-state')))

  test('shows a server that is killed with kill -9 and heals', async () => {
    const files: StdioServer = stdioServer({ stderr: { mode: 'text', text: 'listening on stdio\n' } })
    const slow = stdioServer({ initialize: { mode: 'late', ms: 100 } })
    const broken = stdioServer({ start: { mode: 'exit', code: 3 } }, { retries: 0 })
    const { supervisor, page } = await open({ files, slow, broken })
    await page.getByRole('button', { name: /files/ }).waitFor()
    await Promise.all([supervisor.connect('files'), supervisor.connect('slow'), errorOf(supervisor.connect('broken'))])
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    expect(await litIn(page)).toEqual(['ready'])

    const calls = Promise.allSettled([
      supervisor.callTool('files', 'sleep', { ms: 60_000 }),
      supervisor.callTool('files', 'sleep', { ms: 60_000 }),
    ])
    await page
      .getByText(/in flight, /)
      .first()
      .waitFor()
    await until(() => files.executed('sleep') === 2)
    await picture(page, 'in-flight')
    const [first] = files.pids()
    process.kill(first ?? 0, 'SIGKILL')
    await calls
    await page.getByRole('list', { name: 'Calls that failed lately' }).getByText('CONNECTION_LOST').first().waitFor()
    await until(() => supervisor.status('files').state === 'ready')
    await page.getByText(String(files.pids()[1]), { exact: true }).waitFor()

    expect(await stateOf(page)).toBe('● ready')
    const timeline = page.getByRole('list', { name: /Transitions/ })
    expect(await timeline.textContent()).toMatch(/ready.*connecting.*retrying.*the connection was lost/s)
    await supervisor.callTool('files', 'echo', { text: 'well again' })
    await page.locator('#story').getByText('echo answered').first().waitFor()
    expect(await page.locator('#stderr').textContent()).toContain('listening on stdio')
    await picture(page, 'healed')
    expect(files.pids()).toHaveLength(2)
  })

  test('explains a server that failed, says what to do, and restarts it', async () => {
    const broken = stdioServer({ start: { mode: 'exit', code: 3, first: 1 } }, { retries: 0 })
    const { supervisor, page } = await open({ broken }, { colorScheme: 'dark' })
    await errorOf(supervisor.connect('broken'))
    await page.locator('#state', { hasText: 'failed' }).waitFor()
    expect(await page.locator('#summary').textContent()).toContain('it exited with code 3')
    expect(await page.locator('#remedy').textContent()).not.toBe('')
    expect(await litIn(page)).toEqual(['failed'])
    await picture(page, 'failed-dark')

    await page.getByRole('button', { name: 'Restart' }).click()
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    await page.getByRole('status').getByText('was restarted').waitFor()
    await picture(page, 'restarted-dark')
  })

  test('reloads the configuration and says what it did', async () => {
    const { page } = await open({ one: stdioServer(), two: stdioServer() })
    await page.getByRole('button', { name: 'Reload configuration' }).click()
    await page.getByRole('status').getByText('Reloaded: unchanged one, two').waitFor()
  })

  test('works with the keyboard alone', async () => {
    const { page } = await open({ one: stdioServer(), two: stdioServer(), three: stdioServer() })
    const [one, three] = [page.getByRole('button', { name: /one/ }), page.getByRole('button', { name: /three/ })]
    await one.waitFor()
    await page.keyboard.press('Tab')
    await expect(page.locator(':focus').textContent()).resolves.toBe('Skip to the chosen server')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await three.getAttribute('aria-current')).toBe('true')
    expect(await page.locator(':focus').textContent()).toBe(await three.textContent())
    await page.getByRole('heading', { name: 'three' }).waitFor()
    await page.getByRole('link', { name: 'Skip' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.locator(':focus').getAttribute('id')).toBe('server')
    await page.reload()
    await page.getByRole('heading', { name: 'three' }).waitFor()
  })

  test.each([
    ['narrow', { viewport: { width: 360, height: 740 } }],
    ['narrow-dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const }],
    ['wide', { viewport: { width: 1680, height: 1000 }, reducedMotion: 'reduce' as const }],
  ])('fits a %s window', async (name, view) => {
    const others = { none: { command: 'never-started' }, hanging: stdioServer({ initialize: 'hang' }) }
    const { supervisor, page } = await open({ files: stdioServer(), memory: stdioServer(), ...others }, view)
    await errorOf(supervisor.connect('none'))
    void errorOf(supervisor.connect('hanging'))
    await page.locator('#tally', { hasText: 'connecting' }).waitFor()
    await supervisor.callTool('files', 'echo', { text: 'x' })
    await page.locator('#story').getByText('echo answered').first().waitFor()
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
    // What is wider than the window can be scrolled with the keyboard, and is no stop otherwise.
    const isNarrow = view.viewport.width < 600
    expect(await page.locator('#chart').getAttribute('tabindex')).toBe(isNarrow ? '0' : '-1')
    await picture(page, name)
  })

  test('keeps the chosen server in sight, however many there are', async () => {
    const idle = { command: 'never-started' }
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`server-${n}`, idle]))
    for (const width of [360, 1280]) {
      const { page } = await open(many, { viewport: { width, height: 740 } })
      await page.getByRole('button', { name: 'server-59' }).click()
      const heading = page.getByRole('heading', { name: 'server-59' })
      await heading.waitFor()
      const { y = -1 } = (await heading.boundingBox()) ?? {}
      expect(y).toBeGreaterThan(0)
      expect(y).toBeLessThan(740)
    }
  })

  test('says so when the supervisor is closed', async () => {
    const { supervisor, page } = await open({ one: stdioServer() })
    await page.locator('#link', { hasText: 'live' }).waitFor()
    expect(await page.locator('#root').textContent()).toBe('●supervisorrunning')
    await supervisor.close()
    await page.getByText('the supervisor is closed').waitFor()
    expect(await stateOf(page)).toBe('○ closed')
    await page.getByRole('button', { name: /one closed/ }).waitFor()
    expect(await page.locator('#root').textContent()).toBe('○supervisorclosed')
    for (const name of ['Restart', 'Reload configuration'])
      expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
  })
})
