import type { Entry } from './entry.ts'

/** A FIFO of entries, linked through the entries, that knows its length and bytes. */
export class EntryQueue {
  count = 0
  bytes = 0
  #head: Entry | undefined
  #tail: Entry | undefined

  /** The oldest entry. */
  get tail(): Entry | undefined {
    return this.#tail
  }

  push(entry: Entry): void {
    entry.queue = this
    entry.previous = undefined
    entry.next = this.#head
    if (this.#head === undefined) this.#tail = entry
    else this.#head.previous = entry
    this.#head = entry
    this.count++
    this.bytes += entry.bytes
  }

  remove(entry: Entry): void {
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
