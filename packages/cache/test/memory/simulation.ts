import type { EvictionPolicy } from '../../src/index.ts'
import { mix } from '../../src/memory/hash.ts'
import { MiniatureEntry } from '../../src/memory/miniature.ts'

/** A store around a policy, by number: what MemoryStore does, and nothing else. */
export class Simulation {
  readonly entries = new Map<number, MiniatureEntry>()
  readonly evicted: number[] = []
  bytes = 0
  hits = 0
  readonly policy: EvictionPolicy<MiniatureEntry>
  readonly limits: { maxEntries: number; maxBytes: number }
  readonly #keys = new Map<MiniatureEntry, number>()

  constructor(
    make: (limits: { maxEntries: number; maxBytes: number }) => EvictionPolicy<MiniatureEntry>,
    maxEntries: number,
    maxBytes = Number.MAX_SAFE_INTEGER,
  ) {
    this.limits = { maxEntries, maxBytes }
    this.policy = make(this.limits)
  }

  /** A hit touches; a miss inserts, and makes room. */
  read(key: number, bytes = 1): boolean {
    const entry = this.entries.get(key)
    if (entry !== undefined) {
      this.hits++
      this.policy.touch(entry)
      return true
    }
    this.#insert(key, bytes)
    return false
  }

  remove(key: number): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.policy.remove(entry)
    this.#forget(entry)
  }

  #insert(key: number, bytes: number): void {
    const entry = new MiniatureEntry()
    entry.hash = mix(Math.imul(key + 1, 0x9e3779b1))
    entry.bytes = bytes
    this.entries.set(key, entry)
    this.#keys.set(entry, key)
    this.bytes += bytes
    this.policy.insert(entry)
    while (this.entries.size > this.limits.maxEntries || this.bytes > this.limits.maxBytes) {
      const victim = this.policy.evict()
      if (victim === undefined) throw new Error('nothing left to evict')
      this.evicted.push(this.#keys.get(victim)!)
      this.#forget(victim)
    }
  }

  #forget(entry: MiniatureEntry): void {
    const key = this.#keys.get(entry)
    if (key === undefined || this.entries.get(key) !== entry) throw new Error('evicted what was not there')
    this.entries.delete(key)
    this.#keys.delete(entry)
    this.bytes -= entry.bytes
    if (entry.queue !== undefined || entry.previous !== undefined || entry.next !== undefined) {
      throw new Error('what left is still linked')
    }
  }
}

/** Numbers in [0, 1) that are the same in each run (mulberry32, Tommy Ettinger, public domain). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Ranks by Zipf's law, most popular first. */
export function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1) ** exponent
  return () => {
    const at = random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < at) low = middle + 1
      else high = middle
    }
    return low
  }
}
