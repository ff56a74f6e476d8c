import type { Reporter } from 'vitest/reporters'

/** Names every test that needed a second try: it passed, and is a bug to look into. */
export const flaky: Reporter = {
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) console.log(`flaky: ${test.module.relativeModuleId} > ${test.fullName}`)
  },
}
