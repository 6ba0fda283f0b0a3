import type { EvictionLimits } from '../memory/eviction.ts'
import { MAX_DISTANCE } from './distances.ts'
import { RecencyIndex, type Positioned } from './recency.ts'

const MAX_SAMPLED_KEYS = 4_096
/** Keys of a full cache that are sampled at the start: an error of one or two points (section 4 of the paper). */
const KEYS_AT_START = 512
/** Not more often than one key in four, so that a hit in a small cache stays cheap; not less often than one in 64. */
const MIN_HALVINGS = 2
const MAX_HALVINGS_AT_START = 6

interface SampledKey extends Positioned {
  hash: number
  /** It was stored, and left to make room: the next read is a miss for want of memory. */
  evicted: boolean
  /** On the monotonic clock. */
  expiresAt: number
}

export interface ShardsOptions {
  /** Default 4,096: 0.5 MB at most. */
  maxKeys?: number
  /** Share of the keys to begin with, as a negative power of two: 5 is 1/32. Default: by the limits, 2 to 6. */
  halvings?: number
}

/**
 * Reuse distances of a sample of the keys (SHARDS: Waldspurger et al., FAST 2015, in the variant of fixed size). A key is
 * in the sample when its hash is below a threshold, so that all its reads are seen; distances among the sampled keys,
 * divided by the rate, are those among all. The threshold is halved whenever the sample becomes too large, and keys
 * not used for eight times the cache's size leave, so that the memory is bounded however many keys there are.
 *
 * A read also counts as cold when more memory would not have helped: the entry had expired or was invalidated.
 */
export class Shards {
  /** How many keys, and how many reads, a sampled one stands for: a power of two. */
  weight: number
  /** A key is in the sample when its hash, unsigned, is 0 after this shift; 32 means every key. */
  shift: number
  readonly #limits: EvictionLimits
  readonly #maxKeys: number
  readonly #keys = new Map<number, SampledKey>()
  readonly #index: RecencyIndex<SampledKey>

  constructor(limits: EvictionLimits, options: ShardsOptions = {}) {
    this.#limits = limits
    this.#maxKeys = options.maxKeys ?? MAX_SAMPLED_KEYS
    const halvings = options.halvings ?? startingHalvings(limits.maxEntries)
    this.weight = 2 ** halvings
    this.shift = 32 - halvings
    this.#index = new RecencyIndex(this.#maxKeys / 4)
  }

  /** Share of the keys in the sample. */
  get rate(): number {
    return 1 / this.weight
  }

  get size(): number {
    return this.#keys.size
  }

  /** A hit. Returns the reuse distance in sizes of the cache. */
  hit(hash: number, bytes: number): number {
    return this.#use(this.#keys.get(hash) ?? this.#add(hash), bytes)
  }

  /** A miss; Infinity when more memory would not have helped. */
  miss(hash: number, now: number): number {
    const known = this.#keys.get(hash)
    const key = known ?? this.#add(hash)
    const distance = this.#use(key, key.bytes)
    return key.evicted && now < key.expiresAt ? distance : Infinity
  }

  /** An entry was stored: what it weighs, and until when it may be used. */
  stored(hash: number, bytes: number, expiresAt: number): void {
    let key = this.#keys.get(hash)
    if (key === undefined) {
      key = this.#add(hash)
      this.#use(key, bytes)
    } else {
      this.#index.resize(key, bytes)
    }
    key.evicted = false
    key.expiresAt = expiresAt
  }

  /** The entry left to make room. */
  evicted(hash: number): void {
    const key = this.#keys.get(hash)
    if (key !== undefined) key.evicted = true
  }

  #add(hash: number): SampledKey {
    const key = { hash, position: 0, bytes: 0, evicted: false, expiresAt: Infinity }
    this.#keys.set(hash, key)
    return key
  }

  #use(key: SampledKey, bytes: number): number {
    let distance = Infinity
    if (key.position !== 0) {
      this.#index.measure(key)
      const { newer, newerBytes } = this.#index
      distance = this.#share(newer * this.weight + 1, newerBytes * this.weight + bytes)
      this.#index.remove(key)
    }
    key.bytes = bytes
    this.#index.use(key)
    if (distance === Infinity) this.#bound()
    return distance
  }

  #share(entries: number, bytes: number): number {
    return Math.max(entries / this.#limits.maxEntries, bytes / this.#limits.maxBytes)
  }

  #bound(): void {
    while (this.#share(this.#index.count * this.weight, this.#index.bytes * this.weight) > MAX_DISTANCE) {
      const oldest = this.#index.oldest()
      if (oldest === undefined || this.#index.count === 1) break
      this.#forget(oldest)
    }
    while (this.#keys.size > this.#maxKeys && this.shift > 1) {
      this.weight *= 2
      this.shift--
      for (const key of this.#keys.values()) if (key.hash >>> this.shift !== 0) this.#forget(key)
    }
  }

  #forget(key: SampledKey): void {
    this.#index.remove(key)
    this.#keys.delete(key.hash)
  }
}

const startingHalvings = (maxEntries: number): number =>
  Math.min(MAX_HALVINGS_AT_START, Math.max(MIN_HALVINGS, Math.ceil(Math.log2(maxEntries / KEYS_AT_START))))
