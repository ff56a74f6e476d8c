/** What differs between two sets of servers, by name; each list in the order of the configuration it is taken from. */
export interface ServerDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly updated: readonly string[]
  readonly unchanged: readonly string[]
}

/** Compares two sets of servers, each a map from name to digest. */
export function diffServers(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ServerDiff {
  const names = [...after.keys()]
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    updated: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
    unchanged: names.filter((name) => before.has(name) && before.get(name) === after.get(name)),
  }
}
