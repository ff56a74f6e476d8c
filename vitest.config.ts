import { defineConfig } from 'vitest/config'
import { flaky } from './test/setup/flaky.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/no-process-left.ts'],
    // CI machines stall for seconds. What needs a second try is printed by .ci/run: each is a bug to look into.
    retry: process.env['CI'] ? 1 : 0,
    reporters: ['default', flaky],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Tests mostly wait for processes, so as many files as cores run at once.
    maxWorkers: 2,
  },
})
