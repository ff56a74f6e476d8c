import { testsIn } from '../tests.js'

/** Tests that look for secrets where none may be. */
export async function secrets() {
  const tests = await testsIn('test/', /secret|canar|mask|X02/i)
  return {
    id: 'T20',
    what: 'secrets in logs, errors, status, events, inspection: tests that look for them',
    target: '0 hits',
    measured: `${tests.length} tests`,
  }
}
