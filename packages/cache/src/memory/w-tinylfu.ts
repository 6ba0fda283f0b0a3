import type { Entry } from './entry.ts'
import type { CountingPolicy, Evictable, EvictionLimits } from './eviction.ts'
import { FrequencySketch } from './frequency-sketch.ts'
import { HillClimber } from './hill-climber.ts'
import { EntryQueue } from './queue.ts'

const INITIAL_WINDOW = 0.01
const MAX_WINDOW = 0.8
const PROTECTED_SHARE = 0.8
/** Of two rarely used keys the one that is there stays; of two often used ones the new one sometimes wins, so that an
 * attacker who inflates the counts of what is there does not own it for ever. */
const OFTEN = 6
const ADMIT_ONE_OF = 128

/**
 * W-TinyLFU (Einziger et al., "TinyLFU", 2017; window adapted as in "Adaptive Software Cache Management", 2018): new
 * entries pass through an LRU window; what leaves it enters the main part only when it was asked for more often than
 * what would have to leave there. The main part is a segmented LRU.
 */
export class WTinyLfu<Item extends Evictable<Item> = Entry> implements CountingPolicy<Item> {
  readonly #window = new EntryQueue<Item>()
  readonly #probation = new EntryQueue<Item>()
  readonly #protected = new EntryQueue<Item>()
  readonly #sketch = new FrequencySketch()
  readonly #climber = new HillClimber()
  readonly #limits: EvictionLimits
  #windowShare = INITIAL_WINDOW
  #random = 0x9e3779b9

  constructor(limits: EvictionLimits) {
    this.#limits = limits
    this.#sketch.ensure(1)
  }

  get count(): number {
    return this.#window.count + this.#probation.count + this.#protected.count
  }

  holds(entry: Item): boolean {
    const { queue } = entry
    return queue === this.#window || queue === this.#probation || queue === this.#protected
  }

  insert(entry: Item): void {
    this.#sketch.increment(entry.hash)
    this.#climber.miss()
    this.#window.push(entry)
  }

  touch(entry: Item): void {
    this.#sketch.increment(entry.hash)
    this.#climber.hit()
    if (entry.queue !== this.#probation) {
      entry.queue?.renew(entry)
      return
    }
    this.#probation.remove(entry)
    this.#protected.push(entry)
  }

  remove(entry: Item): void {
    entry.queue?.remove(entry)
  }

  evict(): Item | undefined {
    this.#adapt()
    this.#demote()
    const newest = this.#overflow()
    const victim = this.#choose(newest)
    if (victim !== undefined) victim.queue?.remove(victim)
    return victim
  }

  #adapt(): void {
    this.#sketch.ensure(this.count)
    const adjustment = this.#climber.adjustment(this.count)
    if (adjustment === 0) return
    this.#windowShare = Math.min(MAX_WINDOW, Math.max(INITIAL_WINDOW, this.#windowShare + adjustment))
    // A window that grew takes its room from what is left of the main part at the next evictions.
  }

  /** Keeps the protected part at its share of the main part. */
  #demote(): void {
    const share = (1 - this.#windowShare) * PROTECTED_SHARE
    while (this.#exceeds(this.#protected, share)) {
      const oldest = this.#protected.tail!
      this.#protected.remove(oldest)
      this.#probation.push(oldest)
    }
  }

  /** Moves what the window cannot hold into probation; returns the one that came last. */
  #overflow(): Item | undefined {
    let newest: Item | undefined
    while (this.#window.count > 1 && this.#exceeds(this.#window, this.#windowShare)) {
      newest = this.#window.tail!
      this.#window.remove(newest)
      this.#probation.push(newest)
    }
    return newest
  }

  #choose(candidate: Item | undefined): Item | undefined {
    const victim = this.#probation.tail ?? this.#protected.tail ?? this.#window.tail
    if (candidate === undefined || victim === undefined || victim === candidate) return victim
    return this.#admits(candidate, victim) ? victim : candidate
  }

  #admits(candidate: Item, victim: Item): boolean {
    const asked = this.#sketch.frequency(candidate.hash)
    if (asked > this.#sketch.frequency(victim.hash)) return true
    if (asked < OFTEN) return false
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    return (this.#random >>> 16) % ADMIT_ONE_OF === 0
  }

  #exceeds(queue: EntryQueue<Item>, share: number): boolean {
    const entries = Math.max(1, Math.floor(this.#limits.maxEntries * share))
    return queue.count > entries || queue.bytes > this.#limits.maxBytes * share
  }
}
