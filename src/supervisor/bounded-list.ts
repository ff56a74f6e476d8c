/** A list of which only the last `limit` items count, oldest first: an array and nothing else, for there may be thousands. */
export function pushBounded<T>(list: T[], item: T, limit: number): void {
  list.push(item)
  // Cut rarely: moving the whole list for each item would cost more than the items.
  if (list.length >= 2 * limit) list.splice(0, list.length - limit)
}
