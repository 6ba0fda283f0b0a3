import type { Clock } from '@millrace/core'

const MAX_MARKS = 10_000
/** Of all of them together: visitors choose how long an address is. */
const MAX_CHARACTERS = 2_000_000

/**
 * Addresses whose responses could not be stored a moment ago: requests for them do not wait for one another, because
 * what one of them fetches is of no use to the others ("hit for pass"). Bounded; the oldest mark leaves first.
 */
export class Passes {
  readonly #clock: Clock
  readonly #ms: number
  readonly #until = new Map<string, number>()
  #characters = 0

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  has(id: string): boolean {
    const until = this.#until.get(id)
    if (until === undefined) return false
    if (this.#clock.monotonic() < until) return true
    this.clear(id)
    return false
  }

  mark(id: string): void {
    this.clear(id)
    this.#until.set(id, this.#clock.monotonic() + this.#ms)
    this.#characters += id.length
    while (this.#until.size > MAX_MARKS || this.#characters > MAX_CHARACTERS) {
      this.clear(this.#until.keys().next().value!)
    }
  }

  clear(id: string): void {
    if (this.#until.delete(id)) this.#characters -= id.length
  }
}
