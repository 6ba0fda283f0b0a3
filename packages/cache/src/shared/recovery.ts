import { backoff, type Clock } from '@millrace/core'

/** Between two attempts: 1 s, 2 s, … 30 s, of which a half is random. */
const PAUSES = { baseMs: 1_000, maxMs: 30_000, jitter: 0.5 }

/** Repeats an attempt, with growing pauses, until it succeeds. */
export class Recovery {
  readonly #clock: Clock
  readonly #closed: AbortSignal
  readonly #attempt: () => Promise<boolean>
  #running: Promise<void> | undefined

  constructor(clock: Clock, closed: AbortSignal, attempt: () => Promise<boolean>) {
    this.#clock = clock
    this.#closed = closed
    this.#attempt = attempt
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  /** `now`: without a pause before the first attempt. Nothing when it runs already. */
  start(now: boolean): void {
    if (this.#running !== undefined || this.#closed.aborted) return
    this.#running = this.#run(now)
      // The only rejection there can be is the end of the pause by `closed`.
      .catch(() => undefined)
      .finally(() => (this.#running = undefined))
  }

  async #run(now: boolean): Promise<void> {
    const pauses = backoff(PAUSES)
    for (let first = true; !this.#closed.aborted; first = false) {
      if (!first || !now) await this.#clock.sleep(pauses.next(), this.#closed)
      if (await this.#attempt()) return
    }
  }
}
