const NEVER = 0xffffffff

/**
 * Hits per request of the optimal policy with knowledge of the future, for entries of one size: whatever is asked for last
 * leaves (Belády, "A study of replacement algorithms for a virtual-storage computer", 1966). Exact; every key is admitted, as
 * in the caches it is compared with. What is held is a set of the positions at which it will be asked for next, in
 * which the largest is found in five steps: O(n) time for millions of requests, and n / 4 bytes.
 */
export function belady(keys: Uint32Array, unique: number, capacity: number): number {
  const next = nextUses(keys, unique)
  const held = new PositionSet(keys.length)
  let size = 0
  /** Held, and never asked for again: the first to leave. */
  let spent = 0
  let hits = 0
  for (let at = 0; at < keys.length; at++) {
    if (held.has(at)) {
      held.delete(at)
      hits++
    } else if (size < capacity) size++
    else if (spent > 0) spent--
    else held.delete(held.largest())
    const use = next[at]!
    if (use === NEVER) spent++
    else held.add(use)
  }
  return keys.length === 0 ? 0 : hits / keys.length
}

/** For each request, the position of the next one for the same key. */
function nextUses(keys: Uint32Array, unique: number): Uint32Array {
  const next = new Uint32Array(keys.length)
  const seen = new Uint32Array(unique).fill(NEVER)
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at]!
    next[at] = seen[key]!
    seen[key] = at
  }
  return next
}

/** A set of numbers below a limit as bits, with levels of summaries above them, 32 to one. */
class PositionSet {
  readonly #levels: Uint32Array[] = []

  constructor(limit: number) {
    let words = Math.max(1, Math.ceil(limit / 32))
    this.#levels.push(new Uint32Array(words))
    while (words > 1) {
      words = Math.ceil(words / 32)
      this.#levels.push(new Uint32Array(words))
    }
  }

  has(position: number): boolean {
    return ((this.#levels[0]![position >>> 5]! >>> (position & 31)) & 1) === 1
  }

  add(position: number): void {
    let at = position
    for (const level of this.#levels) {
      level[at >>> 5]! |= 1 << (at & 31)
      at >>>= 5
    }
  }

  delete(position: number): void {
    let at = position
    for (const level of this.#levels) {
      level[at >>> 5]! &= ~(1 << (at & 31))
      if (level[at >>> 5] !== 0) return
      at >>>= 5
    }
  }

  /** Of a set that is not empty. */
  largest(): number {
    let at = 0
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      at = at * 32 + 31 - Math.clz32(this.#levels[level]![at]!)
    }
    return at
  }
}
