import type { Entry, EvictionPolicy } from '../../src/index.ts'
import { EntryQueue } from '../../src/memory/queue.ts'

/** What came first leaves first. */
export class Fifo implements EvictionPolicy {
  readonly #queue = new EntryQueue<Entry>()

  insert(entry: Entry): void {
    this.#queue.push(entry)
  }

  touch(): void {
    // A hit changes nothing.
  }

  remove(entry: Entry): void {
    entry.queue?.remove(entry)
  }

  evict(): Entry | undefined {
    const oldest = this.#queue.tail
    if (oldest !== undefined) this.#queue.remove(oldest)
    return oldest
  }
}

/** Entries that were read equally often, least recently used last. */
interface Level {
  count: number
  queue: EntryQueue<Entry>
  rarer: Level | undefined
  oftener: Level | undefined
}

/**
 * What was read least often since it came leaves; of several, the one used longest ago. In constant time (Shah, Mitra and
 * Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme", 2010). Counts begin anew after an
 * eviction, and never age.
 */
export class Lfu implements EvictionPolicy {
  readonly #levels = new Map<EntryQueue<Entry>, Level>()
  #rarest: Level | undefined
  #newest: Entry | undefined

  insert(entry: Entry): void {
    if (this.#rarest?.count !== 1) this.#rarest = this.#level(1, undefined, this.#rarest)
    this.#rarest.queue.push(entry)
    this.#newest = entry
  }

  touch(entry: Entry): void {
    const level = this.#levels.get(entry.queue!)!
    const above =
      level.oftener?.count === level.count + 1
        ? level.oftener
        : this.#level(level.count + 1, level, level.oftener)
    this.remove(entry)
    above.queue.push(entry)
  }

  remove(entry: Entry): void {
    const { queue } = entry
    if (queue === undefined) return
    queue.remove(entry)
    if (queue.count > 0) return
    const { rarer, oftener } = this.#levels.get(queue)!
    this.#levels.delete(queue)
    if (rarer === undefined) this.#rarest = oftener
    else rarer.oftener = oftener
    if (oftener !== undefined) oftener.rarer = rarer
  }

  evict(): Entry | undefined {
    let victim = this.#rarest?.queue.tail
    // Room is made after the new entry came; it must not be its own victim.
    if (victim === this.#newest) victim = this.#rarest?.oftener?.queue.tail ?? victim
    if (victim !== undefined) this.remove(victim)
    return victim
  }

  #level(count: number, rarer: Level | undefined, oftener: Level | undefined): Level {
    const level: Level = { count, queue: new EntryQueue<Entry>(), rarer, oftener }
    this.#levels.set(level.queue, level)
    if (rarer !== undefined) rarer.oftener = level
    if (oftener !== undefined) oftener.rarer = level
    return level
  }
}
