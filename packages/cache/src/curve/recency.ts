/** What stands at a position of the index. */
export interface Positioned {
  /** 0: not in the index. */
  position: number
  bytes: number
}

const SPARE = 4

/**
 * Items in the order of their last use, and for any of them how many were used since, and of how many bytes: two
 * Fenwick trees (1994) over positions in time. O(log n); when the positions run out, the items are numbered anew.
 */
export class RecencyIndex<Item extends Positioned> {
  count = 0
  bytes = 0
  /** Of `measure`: how many were used after the item, and their bytes. */
  newer = 0
  newerBytes = 0
  #items: (Item | undefined)[] = []
  /** The two trees, count and bytes, side by side. */
  #tree: Float64Array
  #last = 0
  #first = 1
  #size: number

  /** `capacity`: items expected; more are possible and make it grow. */
  constructor(capacity: number) {
    this.#size = Math.max(16, capacity * SPARE)
    this.#tree = new Float64Array(2 * (this.#size + 1))
  }

  /** Makes an item the one used last. */
  use(item: Item): void {
    if (item.position !== 0) this.remove(item)
    if (this.#last >= this.#size) this.#renumber()
    this.#place(item, ++this.#last)
  }

  remove(item: Item): void {
    this.#add(item.position, -1, -item.bytes)
    this.#items[item.position] = undefined
    item.position = 0
  }

  /** Changes what an item weighs, in its place. */
  resize(item: Item, bytes: number): void {
    if (item.position !== 0) this.#add(item.position, 0, bytes - item.bytes)
    item.bytes = bytes
  }

  /** Sets `newer` and `newerBytes` for an item of the index. */
  measure(item: Item): void {
    let older = 0
    let olderBytes = 0
    for (let at = item.position; at > 0; at &= at - 1) {
      older += this.#tree[2 * at]!
      olderBytes += this.#tree[2 * at + 1]!
    }
    this.newer = this.count - older
    this.newerBytes = Math.max(0, this.bytes - olderBytes)
  }

  /** The item used longest ago. */
  oldest(): Item | undefined {
    if (this.count === 0) return undefined
    while (this.#items[this.#first] === undefined) this.#first++
    return this.#items[this.#first]
  }

  #place(item: Item, position: number): void {
    item.position = position
    this.#items[position] = item
    this.#add(position, 1, item.bytes)
  }

  #add(position: number, count: number, bytes: number): void {
    this.count += count
    this.bytes += bytes
    for (let at = position; at <= this.#size; at += at & -at) {
      this.#tree[2 * at]! += count
      this.#tree[2 * at + 1]! += bytes
    }
  }

  /** Closes the gaps; room for more when more than half of the positions are taken. */
  #renumber(): void {
    const items = this.#items.filter((item) => item !== undefined)
    if (items.length > this.#size / 2) this.#size *= 2
    this.#items = []
    this.#tree = new Float64Array(2 * (this.#size + 1))
    this.count = 0
    this.bytes = 0
    this.#last = 0
    this.#first = 1
    for (const item of items) this.#place(item, ++this.#last)
  }
}
