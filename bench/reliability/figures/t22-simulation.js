import { testsIn } from '../tests.js'

/** Tests of the simulated and of the modelled machines. */
export async function simulation() {
  const [simulated, modelled] = await Promise.all([testsIn('test/simulation/'), testsIn('test/model/')])
  return {
    id: 'T22',
    what: 'seeded simulation and model-based paths: test/simulation, test/model',
    target: '1,000 seeds a test run',
    measured: `${simulated.length} + ${modelled.length} tests`,
  }
}
