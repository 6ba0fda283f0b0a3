import type { Clock } from '@millrace/core'

/**
 * Numbers that only rise, across restarts and clocks that were set back: at least the time in microseconds, and at
 * least one more than the last (a hybrid logical clock, Kulkarni et al., 2014). Numbers of different processes compare
 * like their clocks, which makes "the later write wins" as true between processes as the clocks are. Exact in a double.
 */
export class Sequence {
  readonly #clock: Clock
  #last: number

  constructor(clock: Clock, last = 0) {
    this.#clock = clock
    this.#last = last
  }

  get last(): number {
    return this.#last
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, Math.round(this.#clock.now() * 1_000))
    return this.#last
  }

  /** What was issued before, by an earlier process. */
  atLeast(sequence: number): void {
    if (sequence > this.#last) this.#last = sequence
  }
}
