import type { Entry } from './entry.ts'

export interface EvictionLimits {
  maxEntries: number
  maxBytes: number
}

/** Which entry leaves when the cache is full. Called synchronously; every method is O(1), amortised. */
export interface EvictionPolicy {
  /** A new entry; never one that is linked already. */
  insert(entry: Entry): void
  /** A hit. The hot path: it must not allocate. */
  touch(entry: Entry): void
  /** The entry left for another reason: deleted, expired, replaced. */
  remove(entry: Entry): void
  /** Chooses and unlinks the next victim; undefined when the policy holds nothing. */
  evict(): Entry | undefined
}
