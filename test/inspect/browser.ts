/** A real Chromium for tests of pages, where there is one. */
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { type Browser, type Page, chromium } from 'playwright-core'

const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const executablePath = places.find((path) => path !== undefined && existsSync(path))

if (!executablePath)
  console.warn('No Chromium found: the tests of the live page are skipped (apt-get install chromium)')

export function launch(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const folder = fileURLToPath(new URL('../../.artifacts/page/', import.meta.url))

/** Keeps a picture of the whole page among the artefacts of the run. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: true })
}
