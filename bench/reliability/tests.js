import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { onceOnly } from './once-only.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

const all = onceOnly(async () => {
  const args = ['node_modules/vitest/vitest.mjs', 'list', '--json']
  const { stdout } = await run(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 })
  const tests = JSON.parse(stdout.slice(stdout.indexOf('[')))
  return tests.map(({ name, file }) => ({ title: name, file: file.slice(root.length) }))
})

/** The tests below a folder whose title matches. They are listed, not run: that is what `npm test` does. */
export async function testsIn(folder, title = /(?:)/) {
  return (await all()).filter((test) => test.file.startsWith(folder) && title.test(test.title))
}
