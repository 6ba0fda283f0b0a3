import type { Clock } from '@millrace/core'

/**
 * The time that one request may lose to the shared tier, in all of its steps together: a tier that hangs costs it once,
 * not once per step.
 */
export class Budget {
  readonly #clock: Clock
  #leftMs: number

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#leftMs = ms
  }

  get leftMs(): number {
    return this.#leftMs
  }

  /** Nothing more of the shared tier for this request. */
  spend(): void {
    this.#leftMs = 0
  }

  /** Counts the time until the returned function is called. */
  start(): () => void {
    const startedAt = this.#clock.monotonic()
    return () => void (this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.monotonic() - startedAt)))
  }
}
