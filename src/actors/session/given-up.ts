import type { Clock } from '../../clock.js'
import type { Caller } from './caller.js'
import { ended } from './inquiry.js'
import type { CallInFlight } from './call-in-flight.js'

/** The calls that got no answer although the server had them: it may go on with them, and ask and tell for their sake. */
export interface GivenUp {
  add(of: { readonly id: number; readonly owner: object | undefined }): void
  /** One stands for all of an owner. */
  calls(): CallInFlight[]
}

/** As long as a call may last where nobody says otherwise: by then a server has come to the end of one, too. */
const afterlifeMs = 600_000

/** Stands for the callers without an owner: none of them is another. */
const nobody = {}

export function createGivenUp(clock: Pick<Clock, 'now'>): GivenUp {
  const owners = new Map<object, { readonly call: CallInFlight; readonly until: number }>()

  function forgetOld(): void {
    for (const [owner, { until }] of owners) if (until <= clock.now()) owners.delete(owner)
  }

  return {
    add({ id, owner }) {
      forgetOld()
      owners.set(owner ?? nobody, { call: callThatIsOver(id, owner), until: clock.now() + afterlifeMs })
    },
    calls() {
      if (owners.size === 0) return []
      forgetOld()
      return [...owners.values()].map(({ call }) => call)
    },
  }
}

/** Whatever belongs to it is heard by nobody, and answered for nobody. */
export function callThatIsOver(id: number, owner?: object): CallInFlight {
  const caller: Caller = {
    handlers: {},
    owner,
    answer: async () => ended,
    hear: () => {},
    pause: () => () => {},
  }
  return { id, caller, isOver: true }
}
