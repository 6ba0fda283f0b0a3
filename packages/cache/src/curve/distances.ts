const PER_DOUBLING = 16
const DOUBLINGS_BELOW = 10
const DOUBLINGS_ABOVE = 3
const BUCKETS = (DOUBLINGS_BELOW + DOUBLINGS_ABOVE) * PER_DOUBLING

/** Reuse distances further than this, in sizes of the cache, are not told apart from no reuse. */
export const MAX_DISTANCE = 2 ** DOUBLINGS_ABOVE

/** Where a distance is counted: below 0 is nearer than the first bucket, Infinity beyond the last. */
export const bucketOf = (distance: number): number =>
  distance <= MAX_DISTANCE
    ? Math.min(BUCKETS, Math.ceil((Math.log2(distance) + DOUBLINGS_BELOW) * PER_DOUBLING)) - 1
    : Infinity

/**
 * Reads by reuse distance: how much else was used since the key's last use, as a share of the cache's size. A read is a
 * hit in an LRU cache of `scale` times the size when its distance is at most `scale`. Sixteen buckets per doubling from
 * 1/1024 to 8; weights are real numbers, because older reads fade.
 */
export class Distances {
  readonly #buckets = new Float64Array(BUCKETS)
  /** Nearer than the first bucket; may be below 0 for a while, by the correction for the sample. */
  #nearest = 0
  #total = 0

  get total(): number {
    return this.#total
  }

  /** `reads`: how many the sampled one stands for. */
  add(bucket: number, reads: number): void {
    this.#total += reads
    if (bucket < 0) this.#nearest += reads
    else if (bucket < BUCKETS) this.#buckets[bucket]! += reads
  }

  /**
   * Reads that the sample missed, or saw too often (below 0): those of the keys that are read most, whose distance is
   * the shortest. The correction of SHARDS-adj.
   */
  correct(reads: number): void {
    this.#nearest += reads
    this.#total += reads
  }

  /** Makes everything seen so far weigh less. */
  fade(factor: number): void {
    for (let i = 0; i < BUCKETS; i++) this.#buckets[i]! *= factor
    this.#nearest *= factor
    this.#total *= factor
  }

  /** At each scale, ascending, the share of reads that would have hit; undefined before the first read. */
  hitRatios(scales: readonly number[]): number[] | undefined {
    if (this.#total <= 0) return undefined
    let hits = this.#nearest
    let bucket = 0
    return scales.map((scale) => {
      const position = (Math.log2(scale) + DOUBLINGS_BELOW) * PER_DOUBLING
      while (bucket < BUCKETS && bucket + 1 <= position) hits += this.#buckets[bucket++]!
      const part = bucket < BUCKETS ? Math.max(0, position - bucket) * this.#buckets[bucket]! : 0
      return Math.min(1, Math.max(0, (hits + part) / this.#total))
    })
  }
}
