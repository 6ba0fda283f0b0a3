/**
 * Remembers which keys were evicted lately, as 32-bit hashes in two generations of half the capacity: a bounded
 * stand-in for a FIFO of keys. A collision lets one entry skip probation, which is harmless.
 */
export class GhostKeys {
  #young = new Set<number>()
  #old = new Set<number>()

  /** `capacity`: how many to remember, at present. At most that many and at least half are. */
  add(hash: number, capacity: number): void {
    if (this.#young.size >= Math.max(1, capacity / 2)) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(hash)
  }

  has(hash: number): boolean {
    return this.#young.has(hash) || this.#old.has(hash)
  }
}
