/** What differs between two configurations: names, in the order of the configuration they are in. */
export interface ServersDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly updated: readonly string[]
  readonly unchanged: readonly string[]
}

/** Compares the servers before and after a reload by their digests. */
export function diffServers(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ServersDiff {
  const names = [...after.keys()]
  const kept = names.filter((name) => before.has(name))
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    updated: kept.filter((name) => before.get(name) !== after.get(name)),
    unchanged: kept.filter((name) => before.get(name) === after.get(name)),
  }
}
