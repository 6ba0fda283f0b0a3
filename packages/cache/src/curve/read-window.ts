import { Distances } from './distances.ts'

/** Reads of a cache or of a namespace; older ones weigh less. */
export class ReadWindow {
  readonly distances = new Distances()
  reads = 0
  hits = 0
  sampled = 0
  #evictedTooSoon = 0
  #hitsBefore = 0
  #missesBefore = 0
  /** Reads that those sampled since the last `settle` stand for. */
  #estimated = 0

  /** `weight`: how many reads the sampled one stands for. */
  record(bucket: number, weight: number, evictedTooSoon: boolean): void {
    this.distances.add(bucket, weight)
    this.sampled++
    this.#estimated += weight
    if (evictedTooSoon) this.#evictedTooSoon += weight
  }

  /** `hits` and `misses`: since the process began. `fade`: what the reads before are still worth. */
  settle(hits: number, misses: number, fade: number): void {
    const newHits = hits - this.#hitsBefore
    const newReads = newHits + misses - this.#missesBefore
    this.#hitsBefore = hits
    this.#missesBefore = misses
    this.distances.correct(newReads - this.#estimated)
    this.#estimated = 0
    this.distances.fade(fade)
    this.#evictedTooSoon *= fade
    this.sampled *= fade
    this.reads = (this.reads + newReads) * fade
    this.hits = (this.hits + newHits) * fade
  }

  get counts(): { reads: number; evictedTooSoon: number } {
    return { reads: this.reads, evictedTooSoon: this.#evictedTooSoon }
  }
}
