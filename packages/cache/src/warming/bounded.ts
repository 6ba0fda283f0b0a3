/** How many of the oldest are compared. */
const CANDIDATES = 8

/**
 * Keeps a map of at most `max`: while it is larger, the least valuable of the oldest few goes. Approximates "the least valuable of
 * all" without an order to maintain; a map that moves what is used to its end (`touch`) keeps what is used often and lately.
 */
export function keepWithin<Key, Value>(
  map: Map<Key, Value>,
  max: number,
  valueOf: (value: Value) => number,
): void {
  while (map.size > max) {
    let victim: Key | undefined
    let least = Infinity
    let compared = 0
    for (const [key, value] of map) {
      const worth = valueOf(value)
      if (victim === undefined || worth < least) {
        victim = key
        least = worth
      }
      if (++compared >= CANDIDATES) break
    }
    map.delete(victim!)
  }
}

/** Moves an entry to the end. */
export function touch<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key)
  map.set(key, value)
}
