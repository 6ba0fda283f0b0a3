import type { Entry } from './entry.ts'
import type { CountingPolicy, Evictable, EvictionLimits, EvictionPolicy } from './eviction.ts'
import { makePolicy, PolicyRace, type RacingPolicy } from './race.ts'

/** The race begins anew with another scale when the number of entries changed by this factor. */
const RESCALE = 4

/**
 * Whichever of S3-FIFO, W-TinyLFU and LRU suits the reads of the last minutes: the three run in miniature on a sample of
 * the keys, and the real cache changes over when another one leads by a point of hit ratio. No policy is best
 * everywhere (S3-FIFO loses on loops, W-TinyLFU on bursts, LRU on scans); measured over the traces in `bench/`, this
 * stays within a point or two of the best one each time.
 *
 * After a change the entries move over as they are read, and those that nobody reads leave first. While nothing was
 * evicted nothing is compared: a cache that holds everything pays for none of it. A hit costs what it costs in the
 * policy that rules, and each key of the sample (one of n/128 to n/256, n entries) three look-ups more.
 */
export class Adaptive<Item extends Evictable<Item> = Entry> implements EvictionPolicy<Item> {
  readonly #limits: EvictionLimits
  #name: RacingPolicy = 's3-fifo'
  #ruling: CountingPolicy<Item>
  /** Ruled before, and still holds what was not read since. */
  #previous: CountingPolicy<Item> | undefined
  #race: PolicyRace | undefined

  constructor(limits: EvictionLimits) {
    this.#limits = limits
    this.#ruling = makePolicy<Item>(this.#name, limits)
  }

  /** Which policy decides at present. */
  get ruling(): RacingPolicy {
    return this.#name
  }

  insert(entry: Item): void {
    this.#ruling.insert(entry)
    if (this.#race?.has(entry.hash) === true) this.#compare(entry, this.#race)
  }

  touch(entry: Item): void {
    if (this.#previous === undefined || this.#ruling.holds(entry)) this.#ruling.touch(entry)
    else this.#moveOver(entry, this.#previous)
    if (this.#race?.has(entry.hash) === true) this.#compare(entry, this.#race)
  }

  remove(entry: Item): void {
    if (this.#race?.has(entry.hash) === true) this.#race.remove(entry.hash)
    if (this.#previous?.holds(entry) === true) this.#leavePrevious(entry, this.#previous)
    else this.#ruling.remove(entry)
  }

  evict(): Item | undefined {
    const entries = this.#ruling.count + (this.#previous?.count ?? 0)
    const begun = this.#race?.entries ?? 0
    if (entries > begun * RESCALE || entries * RESCALE < begun) {
      this.#race = new PolicyRace(this.#limits, entries)
    }
    const victim = this.#previous?.evict()
    if (this.#previous?.count === 0) this.#previous = undefined
    return victim ?? this.#ruling.evict()
  }

  #compare(entry: Item, race: PolicyRace): void {
    const leader = race.read(entry.hash, entry.bytes, this.#name)
    // One change at a time: what is still in the policy before has to have moved over or left.
    if (leader === this.#name || this.#previous !== undefined) return
    this.#name = leader
    this.#previous = this.#ruling
    this.#ruling = makePolicy<Item>(leader, this.#limits)
  }

  #moveOver(entry: Item, previous: CountingPolicy<Item>): void {
    this.#leavePrevious(entry, previous)
    entry.frequency = 0
    this.#ruling.insert(entry)
    this.#ruling.touch(entry)
  }

  #leavePrevious(entry: Item, previous: CountingPolicy<Item>): void {
    previous.remove(entry)
    if (previous.count === 0) this.#previous = undefined
  }
}
