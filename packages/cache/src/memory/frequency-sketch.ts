import { mix } from './hash.ts'

/** Counters of one key, in different words. */
const ROWS = 4
const MAX_COUNT = 15
/** One look-up stays within 64 bytes, a cache line: 16 words of eight counters. */
const BLOCK_WORDS = 16
const WORDS_PER_ENTRY = 2
const MAX_WORDS = 2 ** 24

/**
 * How often keys were asked for lately: a count-min sketch (Cormode and Muthukrishnan, 2005) of 4-bit counters that are
 * all halved after ten times as many increments as there are entries, as TinyLFU does it (Einziger et al., "TinyLFU: A
 * Highly Efficient Cache Admission Policy", 2017). 8 bytes per entry; it grows with the cache, and starts anew then.
 */
export class FrequencySketch {
  #words = new Uint32Array(BLOCK_WORDS)
  #blocks = 1
  #additions = 0
  #period = 0

  /** Makes room for that many keys; does nothing when there is. */
  ensure(entries: number): void {
    const needed = Math.min(MAX_WORDS, entries * WORDS_PER_ENTRY)
    if (this.#period > 0 && this.#words.length >= needed) return
    let words = BLOCK_WORDS
    while (words < needed) words *= 2
    this.#words = new Uint32Array(words)
    this.#blocks = words / BLOCK_WORDS
    this.#period = 10 * Math.max(entries, words / WORDS_PER_ENTRY)
    this.#additions = 0
  }

  increment(hash: number): void {
    const base = (hash & (this.#blocks - 1)) * BLOCK_WORDS
    let bits = mix(hash)
    let added = false
    for (let row = 0; row < ROWS; row++) {
      // Five bits choose one of 32 counters in the row's four words.
      const word = base + row * ROWS + (bits & 3)
      const shift = ((bits >>> 2) & 7) << 2
      const value = this.#words[word]!
      if (((value >>> shift) & MAX_COUNT) < MAX_COUNT) {
        this.#words[word] = value + (1 << shift)
        added = true
      }
      bits >>>= 5
    }
    if (added && ++this.#additions >= this.#period) this.#age()
  }

  /** At least as often as it was counted, up to 15. */
  frequency(hash: number): number {
    const base = (hash & (this.#blocks - 1)) * BLOCK_WORDS
    let bits = mix(hash)
    let least = MAX_COUNT
    for (let row = 0; row < ROWS; row++) {
      const word = base + row * ROWS + (bits & 3)
      const count = (this.#words[word]! >>> (((bits >>> 2) & 7) << 2)) & MAX_COUNT
      if (count < least) least = count
      bits >>>= 5
    }
    return least
  }

  #age(): void {
    for (let i = 0; i < this.#words.length; i++) this.#words[i] = (this.#words[i]! >>> 1) & 0x77777777
    this.#additions = this.#additions >>> 1
  }
}
