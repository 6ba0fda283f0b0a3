import type { Entry } from './entry.ts'
import type { CountingPolicy, Evictable } from './eviction.ts'
import { EntryQueue } from './queue.ts'

/**
 * SIEVE (Zhang et al., "SIEVE is simpler than LRU", NSDI 2024): one FIFO, and a hand that walks from the oldest entry to
 * the newest and takes the first one that was not read since it last came by. A hit only marks. Good on skewed, stable
 * popularity; a long scan or a change of the working set can empty it of what is useful.
 */
export class Sieve<Item extends Evictable<Item> = Entry> implements CountingPolicy<Item> {
  readonly #queue = new EntryQueue<Item>()
  #hand: Item | undefined
  #newest: Item | undefined

  get count(): number {
    return this.#queue.count
  }

  holds(entry: Item): boolean {
    return entry.queue === this.#queue
  }

  insert(entry: Item): void {
    this.#queue.push(entry)
    this.#newest = entry
  }

  touch(entry: Item): void {
    entry.frequency = 1
  }

  remove(entry: Item): void {
    if (entry === this.#hand) this.#hand = entry.previous
    if (entry === this.#newest) this.#newest = undefined
    entry.queue?.remove(entry)
  }

  evict(): Item | undefined {
    let candidate = this.#hand ?? this.#queue.tail
    if (candidate === undefined) return undefined
    // Ends: a round clears every mark. The paper makes room before it inserts, so the hand never stands on the newest.
    while (candidate.frequency > 0 || (candidate === this.#newest && this.#queue.count > 1)) {
      if (candidate !== this.#newest) candidate.frequency = 0
      candidate = candidate.previous ?? this.#queue.tail!
    }
    this.#hand = candidate.previous === this.#newest ? undefined : candidate.previous
    if (candidate === this.#newest) this.#newest = undefined
    this.#queue.remove(candidate)
    return candidate
  }
}
