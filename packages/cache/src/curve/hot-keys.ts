import type { HotKey } from './report.ts'

interface Counter {
  namespace: string
  id: string
  count: number
  /** By how much the count may be too high. */
  error: number
}

/**
 * The keys that are read most, with a fixed number of counters: Space-Saving (Metwally et al., "Efficient Computation of
 * Frequent and Top-k Elements in Data Streams", ICDT 2005). A new key takes over the smallest counter, with its count as
 * the error; every key with more than one read in `capacity` is among them.
 */
export class HotKeys {
  readonly #capacity: number
  readonly #counters = new Map<number, Counter>()
  #total = 0

  constructor(capacity = 128) {
    this.#capacity = capacity
  }

  add(hash: number, namespace: string, id: string): void {
    this.#total++
    const known = this.#counters.get(hash)
    if (known !== undefined) {
      known.count++
      return
    }
    let error = 0
    if (this.#counters.size >= this.#capacity) {
      const [least, counter] = this.#least()
      error = counter.count
      this.#counters.delete(least)
    }
    this.#counters.set(hash, { namespace, id, count: error + 1, error })
  }

  /** Makes everything seen so far weigh less, so that what was hot leaves. */
  fade(factor: number): void {
    this.#total *= factor
    for (const counter of this.#counters.values()) {
      counter.count *= factor
      counter.error *= factor
    }
  }

  /** At most `limit`, hottest first; only keys that were certainly read more than once in the sample. */
  top(limit: number, readsPerSecond: number): HotKey[] {
    return [...this.#counters.values()]
      .filter(({ count, error }) => count - error > 1)
      .sort((a, b) => b.count - b.error - (a.count - a.error))
      .slice(0, limit)
      .map(({ namespace, id, count, error }) => {
        const share = Math.min(1, count / this.#total)
        return { namespace, id, share, error: error / this.#total, readsPerSecond: share * readsPerSecond }
      })
  }

  #least(): [number, Counter] {
    let least: [number, Counter] | undefined
    for (const entry of this.#counters)
      if (least === undefined || entry[1].count < least[1].count) least = entry
    return least!
  }
}
