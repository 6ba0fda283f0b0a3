import { settlesWithin, type Clock } from '@millrace/core'

/** Those who wait until everything up to a sequence number has landed. */
export class Landings {
  readonly #isPast: (sequence: number) => boolean
  readonly #waiting = new Set<{ until: number; resolve: () => void }>()

  constructor(isPast: (sequence: number) => boolean) {
    this.#isPast = isPast
  }

  /** False: not by the deadline. */
  async wait(until: number, deadlineMs: number, clock: Clock): Promise<boolean> {
    if (this.#isPast(until)) return true
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiter = { until, resolve }
    this.#waiting.add(waiter)
    try {
      return await settlesWithin(promise, deadlineMs, clock)
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  /** Something has landed. */
  check(): void {
    for (const { until, resolve } of this.#waiting) if (this.#isPast(until)) resolve()
  }
}
