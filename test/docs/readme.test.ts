import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

/** What differs between two runs: pids and times. */
const steady = (text: string) => text.replaceAll(/\d{3,}/g, '#').replaceAll(/ {2,}/g, '  ')

const blockAfter = (marker: string, language: string) => {
  const from = readme.slice(readme.indexOf(marker))
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``).exec(from)?.[1] ?? ''
}

describe('the README', () => {
  it('shows the quick start as it is and what it prints', async () => {
    const source = await readFile(new URL('../../examples/quick-start.js', import.meta.url), 'utf8')
    expect(blockAfter('<!-- examples/quick-start.js -->', 'js')).toBe(source.trimEnd())
    const { stdout } = await run(process.execPath, ['examples/quick-start.js'], { cwd: root })
    expect(blockAfter('It prints:', 'text')).toBe(stdout.trimEnd())
  }, 60_000)

  it('shows lines that npm start prints, in their order, and npm start leaves nothing behind', async () => {
    const { stdout } = await run(process.execPath, ['examples/start.js'], { cwd: root })
    let rest = steady(stdout)
    for (const line of steady(blockAfter('<!-- output of examples/start.js', 'text')).split('\n')) {
      expect(rest, `after what came before, "${line}" is printed`).toContain(line)
      rest = rest.slice(rest.indexOf(line) + line.length)
    }
    expect(stdout).toContain('Processes left: 0')
  }, 120_000)
})
