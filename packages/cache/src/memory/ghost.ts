/**
 * Remembers which keys were evicted lately, as 32-bit hashes in two generations of `capacity / 2`: a bounded
 * stand-in for a FIFO of keys. A collision lets one entry skip probation, which is harmless.
 */
export class GhostKeys {
  readonly #half: number
  #young = new Set<number>()
  #old = new Set<number>()

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.ceil(capacity / 2))
  }

  add(namespace: string, id: string): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(hashKey(namespace, id))
  }

  has(namespace: string, id: string): boolean {
    if (this.#young.size === 0 && this.#old.size === 0) return false
    const hash = hashKey(namespace, id)
    return this.#young.has(hash) || this.#old.has(hash)
  }
}

/** FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashKey(namespace: string, id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < namespace.length; i++) hash = Math.imul(hash ^ namespace.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ 0x3a, 0x01000193)
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
