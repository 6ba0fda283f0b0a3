import type { CountingPolicy, Evictable, EvictionLimits } from './eviction.ts'
import { Lru } from './lru.ts'
import { Miniature } from './miniature.ts'
import { S3Fifo } from './s3-fifo.ts'
import { WTinyLfu } from './w-tinylfu.ts'

/** Entries of a miniature: above 128 the sample shows reliably enough who is ahead. At most twice as many. */
const MINIATURE_ENTRIES = 128
/** Sampled reads between two decisions, per entry of a miniature. */
const READS_PER_ENTRY = 2
const MIN_READS = 100
/** What a decision counts of the hits before the last one: a change costs hits, so it takes a lasting reason. */
const MEMORY = 0.95
/** Lead in hit ratio that is worth a change between S3-FIFO and W-TinyLFU. */
const LEAD = 0.01
/** LRU needs that much less, and what takes over from it that much more: where the others are not clearly better, it is
 * the one that surprises nobody. */
const FOR_LRU = 0.01

export type RacingPolicy = 's3-fifo' | 'w-tinylfu' | 'lru'
const POLICIES = ['s3-fifo', 'w-tinylfu', 'lru'] as const satisfies readonly RacingPolicy[]

export function makePolicy<Item extends Evictable<Item>>(
  name: RacingPolicy,
  limits: EvictionLimits,
): CountingPolicy<Item> {
  if (name === 'lru') return new Lru<Item>()
  return name === 's3-fifo' ? new S3Fifo<Item>(limits) : new WTinyLfu<Item>(limits)
}

/** Policies that run in miniature beside the real one, on the same sample of the keys, and which of them leads. */
export class PolicyRace {
  /** Entries of the cache when the race began. */
  readonly entries: number
  /** A key takes part when its hash, unsigned, is 0 after this shift; 32 stands for every key. */
  readonly #shift: number
  readonly #runners: readonly { name: RacingPolicy; miniature: Miniature; score: number }[]
  readonly #epoch: number
  #reads = 0
  /** Of the reads that the scores are made of. */
  #weight = 0

  constructor(limits: EvictionLimits, entries: number) {
    this.entries = entries
    const halvings = Math.max(0, Math.floor(Math.log2(entries / MINIATURE_ENTRIES)))
    const scaled = {
      maxEntries: Math.max(1, Math.floor(limits.maxEntries / 2 ** halvings)),
      maxBytes: limits.maxBytes / 2 ** halvings,
    }
    this.#shift = 32 - halvings
    this.#epoch = Math.max(MIN_READS, Math.floor((entries / 2 ** halvings) * READS_PER_ENTRY))
    this.#runners = POLICIES.map((name) => ({
      name,
      miniature: new Miniature(makePolicy(name, scaled), scaled),
      score: 0,
    }))
  }

  has(hash: number): boolean {
    return this.#shift === 32 || hash >>> this.#shift === 0
  }

  remove(hash: number): void {
    for (const { miniature } of this.#runners) miniature.remove(hash)
  }

  /** Of a key that takes part. Returns who should rule from now on, when it is time to decide. */
  read(hash: number, bytes: number, ruling: RacingPolicy): RacingPolicy {
    for (const { miniature } of this.#runners) miniature.read(hash, bytes)
    if (++this.#reads < this.#epoch) return ruling
    this.#reads = 0
    return this.#decide(ruling)
  }

  #decide(ruling: RacingPolicy): RacingPolicy {
    let ahead = this.#runners[0]!
    let own = 0
    for (const runner of this.#runners) {
      runner.score = runner.score * MEMORY + runner.miniature.hits
      runner.miniature.hits = 0
      if (runner.name === ruling) own = runner.score
      if (runner.score > ahead.score) ahead = runner
    }
    this.#weight = this.#weight * MEMORY + this.#epoch
    const lead = LEAD + (ahead.name === 'lru' ? -FOR_LRU : ruling === 'lru' ? FOR_LRU : 0)
    return ahead.score - own > lead * this.#weight ? ahead.name : ruling
  }
}
