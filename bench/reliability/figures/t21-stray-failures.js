import { testsIn } from '../tests.js'

/** Tests during which a stray rejection or exception fails the run: vitest sees to it for every one. */
export async function strayFailures() {
  const tests = await testsIn('test/')
  return {
    id: 'T21',
    what: 'stray rejections and exceptions: tests that fail on one',
    target: 'all',
    measured: `${tests.length} tests, and T19`,
  }
}
