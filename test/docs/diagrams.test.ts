import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

test('the diagrams in docs are those of the machines, and the stories are what happens', async () => {
  const script = fileURLToPath(new URL('../../scripts/diagrams.js', import.meta.url))
  const run = promisify(execFile)(process.execPath, [script, '--check'], { timeout: 18_000 })
  await expect(run).resolves.toMatchObject({ stderr: '' })
})
