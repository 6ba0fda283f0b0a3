import type { HotKey } from './report.ts'

/**
 * The keys that are read most, with a fixed number of counters: Space-Saving (Metwally et al., "Efficient Computation of
 * Frequent and Top-k Elements in Data Streams", ICDT 2005). A new key takes over the smallest counter, with its count as
 * the error; every key with more than one read in `capacity` is among them.
 */
export class HotKeys {
  readonly #capacity: number
  readonly #slots = new Map<number, number>()
  // By slot. Numbers apart from the rest, because the smallest of them is looked for all the time.
  readonly #counts: Float64Array
  /** By how much a count may be too high. */
  readonly #errors: Float64Array
  readonly #hashes: Int32Array
  readonly #keys: { namespace: string; id: string }[] = []
  #total = 0

  constructor(capacity = 128) {
    this.#capacity = capacity
    this.#counts = new Float64Array(capacity)
    this.#errors = new Float64Array(capacity)
    this.#hashes = new Int32Array(capacity)
  }

  add(hash: number, namespace: string, id: string): void {
    this.#total++
    const known = this.#slots.get(hash)
    if (known !== undefined) {
      this.#counts[known]! += 1
      return
    }
    const full = this.#keys.length === this.#capacity
    const slot = full ? this.#least() : this.#keys.length
    if (full) this.#slots.delete(this.#hashes[slot]!)
    this.#errors[slot] = this.#counts[slot]!
    this.#counts[slot]! += 1
    this.#hashes[slot] = hash
    this.#keys[slot] = { namespace, id }
    this.#slots.set(hash, slot)
  }

  /** Makes everything seen so far weigh less, so that what was hot leaves. */
  fade(factor: number): void {
    this.#total *= factor
    for (let slot = 0; slot < this.#keys.length; slot++) {
      this.#counts[slot]! *= factor
      this.#errors[slot]! *= factor
    }
  }

  /** At most `limit`, hottest first; only keys that were certainly read more than once in the sample. */
  top(limit: number, readsPerSecond: number): HotKey[] {
    return this.#keys
      .map((key, slot) => ({ ...key, count: this.#counts[slot]!, error: this.#errors[slot]! }))
      .filter(({ count, error }) => count - error > 1)
      .sort((a, b) => b.count - b.error - (a.count - a.error))
      .slice(0, limit)
      .map(({ namespace, id, count, error }) => {
        const share = Math.min(1, count / this.#total)
        return { namespace, id, share, error: error / this.#total, readsPerSecond: share * readsPerSecond }
      })
  }

  #least(): number {
    const counts = this.#counts
    let least = 0
    for (let slot = 1; slot < this.#capacity; slot++) if (counts[slot]! < counts[least]!) least = slot
    return least
  }
}
