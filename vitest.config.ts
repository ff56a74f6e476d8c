import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/no-process-left.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Tests mostly wait for processes, so as many files as cores run at once.
    maxWorkers: 2,
  },
})
