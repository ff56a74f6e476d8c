import type { CallInFlight } from './call-in-flight.js'

/** The call that something belongs to which one of these has caused: the only one, or any of them when all have one owner. */
export function spokesmanOf(candidates: readonly CallInFlight[]): CallInFlight | undefined {
  const [first, ...others] = candidates
  const owner = first?.caller.owner
  const isSame = ({ caller }: CallInFlight) =>
    caller === first?.caller || (owner !== undefined && caller.owner === owner)
  return others.every(isSame) ? first : undefined
}
