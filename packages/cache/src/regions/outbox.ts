import type { Invalidation } from '../drivers/driver.ts'
import { ALL } from '../shared/validity.ts'

/** Of one call to a region. */
const KEYS_PER_CALL = 500
const STAMPS_PER_CALL = 100

/**
 * Invalidations that a region has not taken yet, each once. In which order they arrive does not matter: each makes stale what is
 * older than its arrival. Too many become one of everything, so nothing is forgotten in bounded memory.
 */
export class Outbox {
  readonly #max: number
  readonly #keys = new Set<string>()
  readonly #stamps = new Set<string>()
  readonly #patterns = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#keys.size + this.#stamps.size + this.#patterns.size
  }

  /** False: there were too many, and everything is to be invalidated. */
  add(what: Invalidation): boolean {
    if (this.#stamps.has(ALL)) return true
    if (what.kind === 'keys') for (const key of what.keys) this.#keys.add(key)
    else if (what.kind === 'stamps') for (const name of what.names) this.#stamps.add(name)
    else this.#patterns.add(what.pattern)
    if (this.#stamps.has(ALL)) this.addAll()
    if (this.size <= this.#max) return true
    this.addAll()
    return false
  }

  addAll(): void {
    this.#keys.clear()
    this.#stamps.clear()
    this.#patterns.clear()
    this.#stamps.add(ALL)
  }

  take(): Invalidation | undefined {
    if (this.#stamps.size > 0) return { kind: 'stamps', names: takeSome(this.#stamps, STAMPS_PER_CALL) }
    if (this.#keys.size > 0) return { kind: 'keys', keys: takeSome(this.#keys, KEYS_PER_CALL) }
    const [pattern] = takeSome(this.#patterns, 1)
    return pattern === undefined ? undefined : { kind: 'pattern', pattern }
  }
}

function takeSome(set: Set<string>, count: number): string[] {
  const taken: string[] = []
  for (const item of set) {
    if (taken.length >= count) break
    taken.push(item)
    set.delete(item)
  }
  return taken
}
