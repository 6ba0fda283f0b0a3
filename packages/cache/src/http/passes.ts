import type { Clock } from '@millrace/core'

const MAX_MARKS = 10_000

/**
 * Addresses whose responses could not be stored a moment ago: requests for them do not wait for one another, because
 * what one of them fetches is of no use to the others ("hit for pass"). Bounded; the oldest mark leaves first.
 */
export class Passes {
  readonly #clock: Clock
  readonly #ms: number
  readonly #until = new Map<string, number>()

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  has(id: string): boolean {
    const until = this.#until.get(id)
    if (until === undefined) return false
    if (this.#clock.monotonic() < until) return true
    this.#until.delete(id)
    return false
  }

  mark(id: string): void {
    this.#until.delete(id)
    this.#until.set(id, this.#clock.monotonic() + this.#ms)
    if (this.#until.size > MAX_MARKS) this.#until.delete(this.#until.keys().next().value!)
  }

  clear(id: string): void {
    this.#until.delete(id)
  }
}
