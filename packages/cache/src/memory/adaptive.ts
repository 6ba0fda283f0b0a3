import type { Entry } from './entry.ts'
import type { CountingPolicy, Evictable, EvictionLimits, EvictionPolicy } from './eviction.ts'
import { makePolicy, PolicyRace, type RacingPolicy } from './race.ts'

/** The race begins anew with another scale when the number of entries changed by this factor. */
const RESCALE = 4

/**
 * Whichever of S3-FIFO, W-TinyLFU and LRU suits the reads of late: the three run in miniature on a sample of the keys, and the
 * real cache changes over when another one has been ahead for a while. No policy is best everywhere: S3-FIFO and
 * W-TinyLFU fall far behind LRU where what was read last is read next, LRU on loops and scans. Measured on 25 public
 * traces at eight sizes each, this was 4.3 points above LRU on average and nowhere more than 1.7 below it (S3-FIFO:
 * 3.4 and 27, W-TinyLFU: 5.2 and 7.5). It starts as S3-FIFO; a trace of a few thousand reads ends before it has learned.
 *
 * After a change the entries move over as they are read, and those that nobody reads leave first. While nothing was
 * evicted nothing is compared: a cache that holds everything pays for none of it. A hit costs what it costs in the
 * policy that rules, and each key of the sample (128 to 256 of those that fit) three look-ups more.
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
