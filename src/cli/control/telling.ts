import type { Socket } from 'node:net'

/** What an asker may leave unread before it misses what it is told. */
const maxUnreadBytes = 1024 * 1024

/** What an asker is told before its answer. */
export interface Telling {
  tell(item: unknown): void
  /** Hears that the asker missed something and reads again. */
  onCaughtUp(listener: () => void): void
  /** Tells how much was missed at last, and nothing from then on. */
  end(): void
}

/** An asker that does not read misses the newest, rather than filling our memory, and is told how many once it reads. */
export function createTelling(socket: Socket, write: (message: object) => void): Telling {
  let missed = 0
  let caughtUp = (): void => {}

  function tellMissed(): void {
    if (missed === 0) return
    write({ missed })
    missed = 0
    caughtUp()
  }
  socket.on('drain', tellMissed)

  return {
    tell(item) {
      // Without a gap in the gap: what comes before the drain is missed too.
      if (missed === 0 && socket.writableLength < maxUnreadBytes) write({ item })
      else missed++
    },
    onCaughtUp(listener) {
      caughtUp = listener
    },
    end() {
      caughtUp = () => {}
      tellMissed()
      socket.off('drain', tellMissed)
    },
  }
}
