import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('the page about seeing shows what the example of traces prints', async () => {
  const page = await readFile(new URL('../../docs/observability.md', import.meta.url), 'utf8')
  const [, shown] = /<!-- output of examples\/traces\.js.*?-->\n```text\n([\s\S]*?)\n```/.exec(page) ?? []
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/traces.js'], { cwd: root })
  expect(shown).toBe(stdout.trimEnd())
}, 60_000)
