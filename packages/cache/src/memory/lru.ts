import type { Entry } from './entry.ts'
import type { CountingPolicy, Evictable } from './eviction.ts'
import { EntryQueue } from './queue.ts'

/** Least recently used: the entry that was read or written longest ago leaves. */
export class Lru<Item extends Evictable<Item> = Entry> implements CountingPolicy<Item> {
  readonly #queue = new EntryQueue<Item>()

  get count(): number {
    return this.#queue.count
  }

  holds(entry: Item): boolean {
    return entry.queue === this.#queue
  }

  insert(entry: Item): void {
    this.#queue.push(entry)
  }

  touch(entry: Item): void {
    this.#queue.renew(entry)
  }

  remove(entry: Item): void {
    entry.queue?.remove(entry)
  }

  evict(): Item | undefined {
    const victim = this.#queue.tail
    if (victim !== undefined) this.#queue.remove(victim)
    return victim
  }
}
