/** Bounds how many servers start at the same time: a machine that starts a hundred at once starts none in time. */
export interface StartSlots {
  /** Takes a slot, or a place in the line when none is free. */
  enter(): StartTicket
}

export interface StartTicket {
  readonly isAdmitted: boolean
  /** Resolves when the start may begin; also when the ticket was given back before. */
  readonly admitted: Promise<void>
  /** Gives the slot, or the place in the line, to the next. Idempotent. */
  leave(): void
}

/** Slots are given in the order of arrival. */
export function createStartSlots(count: number): StartSlots {
  const line = new Set<() => void>()
  let free = count

  function admitNext(): void {
    const [admit] = line
    if (!admit || free === 0) return
    line.delete(admit)
    free--
    admit()
  }

  return {
    enter() {
      let stage: 'waiting' | 'admitted' | 'left' = 'waiting'
      let settle = () => {}
      const admitted = new Promise<void>((resolve) => (settle = resolve))
      const admit = () => {
        stage = 'admitted'
        settle()
      }
      line.add(admit)
      admitNext()
      return {
        get isAdmitted() {
          return stage === 'admitted'
        },
        admitted,
        leave() {
          line.delete(admit)
          if (stage === 'admitted') free++
          stage = 'left'
          settle()
          admitNext()
        },
      }
    },
  }
}
