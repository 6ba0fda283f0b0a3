import type { Entry } from './entry.ts'
import type { EntryQueue } from './queue.ts'

export interface EvictionLimits {
  maxEntries: number
  maxBytes: number
}

/** What a policy needs of an entry. The links and the frequency are the policy's own. */
export interface Evictable<Item extends Evictable<Item>> {
  readonly hash: number
  readonly bytes: number
  queue: EntryQueue<Item> | undefined
  previous: Item | undefined
  next: Item | undefined
  frequency: number
}

/** Which entry leaves when the cache is full. Called synchronously; every method is O(1), amortised. */
export interface EvictionPolicy<Item = Entry> {
  /** A new entry; never one that is linked already. */
  insert(entry: Item): void
  /** A hit. The hot path: it must not allocate. */
  touch(entry: Item): void
  /** The entry left for another reason: deleted, expired, replaced. */
  remove(entry: Item): void
  /** Chooses and unlinks the next victim; undefined when the policy holds nothing. */
  evict(): Item | undefined
}

/** A policy that knows what it holds, so that another one can take over from it. */
export interface CountingPolicy<Item> extends EvictionPolicy<Item> {
  readonly count: number
  holds(entry: Item): boolean
}
