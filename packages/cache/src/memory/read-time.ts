import { systemClock, type Clock } from '@millrace/core'

/** Reads that may share one look at the clock, within one turn of the event loop. */
const SHARED_READS = 64

/**
 * The monotonic time for expiry checks. Looking at the system's clock costs more than the rest of a hit, so reads within
 * one turn of the event loop share it; an entry may outlive its time by as long as code blocks the loop. Any other clock
 * is asked each time.
 */
export class ReadTime {
  readonly #clock: Clock
  readonly #exact: boolean
  readonly #expire = (): void => {
    this.#left = 0
    this.#scheduled = false
  }
  #now = 0
  #left = 0
  #scheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#exact = clock !== systemClock
  }

  now(): number {
    if (this.#left > 0) {
      this.#left--
      return this.#now
    }
    return this.#look()
  }

  #look(): number {
    // Whole milliseconds, as entries have: comparing those takes V8 no object, and comes out the same.
    this.#now = Math.floor(this.#clock.monotonic())
    if (this.#exact) return this.#now
    this.#left = SHARED_READS
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#expire)
    }
    return this.#now
  }
}
