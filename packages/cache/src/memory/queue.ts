import type { Evictable } from './eviction.ts'

/** A FIFO of entries, linked through the entries, that knows its length and bytes. */
export class EntryQueue<Item extends Evictable<Item>> {
  count = 0
  bytes = 0
  #head: Item | undefined
  #tail: Item | undefined

  /** The oldest entry. */
  get tail(): Item | undefined {
    return this.#tail
  }

  push(entry: Item): void {
    entry.queue = this
    entry.previous = undefined
    entry.next = this.#head
    if (this.#head === undefined) this.#tail = entry
    else this.#head.previous = entry
    this.#head = entry
    this.count++
    this.bytes += entry.bytes
  }

  /** Makes an entry of this queue its newest. */
  renew(entry: Item): void {
    const newer = entry.previous
    if (newer === undefined) return
    newer.next = entry.next
    if (entry.next === undefined) this.#tail = newer
    else entry.next.previous = newer
    entry.previous = undefined
    entry.next = this.#head
    this.#head!.previous = entry
    this.#head = entry
  }

  remove(entry: Item): void {
    if (entry.previous === undefined) this.#head = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#tail = entry.previous
    else entry.next.previous = entry.previous
    entry.queue = undefined
    entry.previous = undefined
    entry.next = undefined
    this.count--
    this.bytes -= entry.bytes
  }
}
