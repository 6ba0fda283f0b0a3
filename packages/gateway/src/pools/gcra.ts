/** Sums of intervals are not exact. */
const ROUNDING_MS = 1e-6

/**
 * The generic cell rate algorithm (ITU-T I.371): a token bucket in one number, the theoretical arrival time of the next
 * request. Here the arithmetic; the number is kept by whoever is limited. Times in milliseconds.
 */
export class Gcra {
  /** Between requests at the sustained rate. */
  readonly intervalMs: number
  readonly burst: number
  readonly #toleranceMs: number

  constructor(perSecond: number, burst: number) {
    this.intervalMs = 1_000 / perSecond
    this.burst = Math.max(1, Math.floor(burst))
    this.#toleranceMs = this.intervalMs * (this.burst - 1)
  }

  /** From when on a request is allowed that finds the arrival time at `arrival`. */
  allowedAt(arrival: number): number {
    return arrival - this.#toleranceMs - ROUNDING_MS
  }

  /** The arrival time after a request at `now`. */
  next(arrival: number, now: number): number {
    return Math.max(arrival, now) + this.intervalMs
  }

  /** Requests that would be allowed at `now`, at once. */
  remaining(arrival: number, now: number): number {
    if (arrival <= now) return this.burst
    return Math.max(0, Math.floor((now - this.allowedAt(arrival)) / this.intervalMs) + 1)
  }
}
