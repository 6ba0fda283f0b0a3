import type { CountingPolicy, Evictable, EvictionLimits } from './eviction.ts'
import type { EntryQueue } from './queue.ts'

/** Stands for an entry: what a policy needs of it, and nothing else. */
export class MiniatureEntry implements Evictable<MiniatureEntry> {
  hash = 0
  bytes = 0
  queue: EntryQueue<MiniatureEntry> | undefined = undefined
  previous: MiniatureEntry | undefined = undefined
  next: MiniatureEntry | undefined = undefined
  frequency = 0
}

/**
 * A policy on a small scale: it sees a sample of the keys and has the same share of the room, so that its hit ratio is
 * about what the policy would reach in full size (Waldspurger et al., "Cache Modeling and Optimization using Miniature
 * Simulations", USENIX ATC 2017). About 100 bytes per entry; no values.
 */
export class Miniature {
  /** Since it was last set to 0. */
  hits = 0
  readonly #policy: CountingPolicy<MiniatureEntry>
  readonly #limits: EvictionLimits
  readonly #entries = new Map<number, MiniatureEntry>()
  #bytes = 0
  /** The last victim is the next entry, so that a full miniature allocates nothing. */
  #spare: MiniatureEntry | undefined

  constructor(policy: CountingPolicy<MiniatureEntry>, limits: EvictionLimits) {
    this.#policy = policy
    this.#limits = limits
  }

  read(hash: number, bytes: number): void {
    const known = this.#entries.get(hash)
    if (known === undefined) {
      this.#insert(hash, bytes)
      return
    }
    this.hits++
    this.#policy.touch(known)
  }

  remove(hash: number): void {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return
    this.#policy.remove(entry)
    this.#forget(entry)
  }

  #insert(hash: number, bytes: number): void {
    const entry = this.#spare ?? new MiniatureEntry()
    this.#spare = undefined
    entry.hash = hash
    entry.bytes = bytes
    entry.frequency = 0
    this.#entries.set(hash, entry)
    this.#bytes += bytes
    this.#policy.insert(entry)
    while (this.#entries.size > this.#limits.maxEntries || this.#bytes > this.#limits.maxBytes) {
      const victim = this.#policy.evict()
      if (victim === undefined) return
      this.#forget(victim)
    }
  }

  #forget(entry: MiniatureEntry): void {
    this.#entries.delete(entry.hash)
    this.#bytes -= entry.bytes
    this.#spare = entry
  }
}
