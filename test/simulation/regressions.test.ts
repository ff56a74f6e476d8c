import { describe, it } from 'vitest'

import { simulate } from '../support/sim-run.js'
import { foundOnce } from './found-once.js'

describe('the supervisor', () => {
  it.each([...foundOnce])('%s', (_, schedule) => simulate(schedule))
})
