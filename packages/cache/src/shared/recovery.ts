import { backoff, type Clock } from '@millrace/core'

/** Between two attempts: 1 s, 2 s, … 30 s, of which a half is random. */
const PAUSES = { baseMs: 1_000, maxMs: 30_000, jitter: 0.5 }

/** Repeats an attempt, with growing pauses, until it succeeds. */
export class Recovery {
  readonly #clock: Clock
  readonly #closed: AbortSignal
  readonly #attempt: () => Promise<boolean>
  #running = false
  /** Asked for while an attempt was under way, which may not know of the reason. */
  #asked = false

  constructor(clock: Clock, closed: AbortSignal, attempt: () => Promise<boolean>) {
    this.#clock = clock
    this.#closed = closed
    this.#attempt = attempt
  }

  /** `now`: without a pause before the first attempt. When it runs already, there is one attempt more. */
  start(now: boolean): void {
    this.#asked = true
    if (this.#running || this.#closed.aborted) return
    this.#running = true
    // The only rejection there can be is the end of a pause by `closed`.
    this.#run(now).catch(() => undefined)
  }

  async #run(now: boolean): Promise<void> {
    const pauses = backoff(PAUSES)
    for (let wait = !now; !this.#closed.aborted;) {
      if (wait) await this.#clock.sleep(pauses.next(), this.#closed)
      this.#asked = false
      wait = !(await this.#attempt())
      if (wait || this.#asked) continue
      // In the same turn as the look at `asked`: nobody comes in between.
      this.#running = false
      return
    }
  }
}
