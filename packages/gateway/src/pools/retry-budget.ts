const RETRY = 1_000

/**
 * Keeps retries from multiplying an outage (Finagle's retry budget): each request deposits a share of a retry, time
 * deposits a minimum, and a retry withdraws one.
 */
export class RetryBudget {
  readonly #perRequest: number
  readonly #perSecond: number
  /** In thousandths of a retry, so that fifths add up exactly. */
  #balance: number
  #at: number

  /** `ratio`: retries per request, default 0.2. `perSecond`: allowed in any case, default 10. */
  constructor(now: number, ratio = 0.2, perSecond = 10) {
    this.#perRequest = Math.round(ratio * RETRY)
    this.#perSecond = perSecond * RETRY
    this.#balance = this.#perSecond
    this.#at = now
  }

  deposit(): void {
    // What 1,000 requests earn by default is as much as can be saved up.
    if (this.#balance < 200 * RETRY) this.#balance += this.#perRequest
  }

  /** Milliseconds, monotonic. */
  withdraw(now: number): boolean {
    const earned = ((now - this.#at) / 1_000) * this.#perSecond
    this.#at = now
    if (this.#balance < this.#perSecond) this.#balance = Math.min(this.#perSecond, this.#balance + earned)
    if (this.#balance < RETRY) return false
    this.#balance -= RETRY
    return true
  }
}
