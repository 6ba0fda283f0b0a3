/**
 * Keeps retries from multiplying an outage (Finagle's retry budget): each request deposits a share of a retry, time
 * deposits a minimum, and a retry withdraws one.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #perSecond: number
  #balance: number
  #at: number

  /** `ratio`: retries per request, default 0.2. `perSecond`: allowed in any case, default 10. */
  constructor(now: number, ratio = 0.2, perSecond = 10) {
    this.#ratio = ratio
    this.#perSecond = perSecond
    this.#balance = perSecond
    this.#at = now
  }

  deposit(): void {
    // Ten seconds' worth of the minimum, or what 1,000 requests earn, is as much as can be saved up.
    if (this.#balance < 200) this.#balance += this.#ratio
  }

  /** Milliseconds, monotonic. */
  withdraw(now: number): boolean {
    const earned = ((now - this.#at) / 1_000) * this.#perSecond
    this.#at = now
    if (this.#balance < this.#perSecond) this.#balance = Math.min(this.#perSecond, this.#balance + earned)
    if (this.#balance < 1) return false
    this.#balance -= 1
    return true
  }
}
