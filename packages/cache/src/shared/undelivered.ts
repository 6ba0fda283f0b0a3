import type { Invalidation } from '../drivers/driver.ts'
import { ALL } from './validity.ts'

/**
 * Invalidations that the shared tier has not taken yet, each once, in a bounded number: what would be more becomes one that
 * makes everything stale, which costs reloads and is never wrong.
 */
export class Undelivered {
  readonly #max: number
  readonly #keys = new Set<string>()
  readonly #names = new Set<string>()
  readonly #patterns = new Set<string>()
  #all = false
  /** On its way: what is added meanwhile may be younger and has to travel again. */
  #taken: Invalidation | undefined

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    const waiting = this.#all ? 1 : this.#keys.size + this.#names.size + this.#patterns.size
    return waiting + (this.#taken === undefined ? 0 : 1)
  }

  add(what: Invalidation): void {
    if (this.#all) return
    if (what.kind === 'keys') for (const key of what.keys) this.#keys.add(key)
    else if (what.kind === 'pattern') this.#patterns.add(what.pattern)
    else for (const name of what.names) this.#names.add(name)
    if (this.size <= this.#max && !this.#names.has(ALL)) return
    this.#clear()
    this.#all = true
  }

  /** Takes a part out; to be followed by `delivered` or `failed`. */
  take(max = 1_000): Invalidation | undefined {
    this.#taken = this.#next(max)
    return this.#taken
  }

  delivered(): void {
    this.#taken = undefined
  }

  failed(): void {
    const taken = this.#taken
    this.#taken = undefined
    if (taken !== undefined) this.add(taken)
  }

  #next(max: number): Invalidation | undefined {
    if (this.#all) {
      this.#all = false
      return { kind: 'stamps', names: [ALL] }
    }
    if (this.#names.size > 0) return { kind: 'stamps', names: takeFrom(this.#names, max) }
    if (this.#keys.size > 0) return { kind: 'keys', keys: takeFrom(this.#keys, max) }
    const [pattern] = takeFrom(this.#patterns, 1)
    return pattern === undefined ? undefined : { kind: 'pattern', pattern }
  }

  #clear(): void {
    this.#keys.clear()
    this.#names.clear()
    this.#patterns.clear()
  }
}

function takeFrom(set: Set<string>, count: number): string[] {
  const taken: string[] = []
  for (const text of set) {
    if (taken.length >= count) break
    taken.push(text)
    set.delete(text)
  }
  return taken
}
