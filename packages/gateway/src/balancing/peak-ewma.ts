/** After this long without an answer, 63 % of what was known is forgotten. */
const DECAY_MS = 10_000
/** What an answer leaves at most of what was known, however soon it comes. */
const KEPT = 0.9
/** What is left of it once it says nothing any more, in milliseconds. */
const FORGOTTEN_MS = 0.001

/**
 * An exponentially weighted moving average that believes a rise at once and a fall slowly (peak EWMA, Finagle). Between
 * answers it falls by itself, so that a backend that nobody asks is tried again. Unlike Finagle's, which forgets by time
 * alone, each faster answer counts a tenth at least: one pause of a busy backend is lived down in some dozens of answers,
 * instead of half a minute.
 */
export class PeakEwma {
  #value = 0
  #at = 0

  /** Milliseconds; 0 before the first answer. */
  read(now: number): number {
    if (this.#value === 0) return 0
    return Math.max(FORGOTTEN_MS, this.#value * this.#keptUntil(now))
  }

  record(latencyMs: number, now: number): void {
    const sample = Math.max(latencyMs, FORGOTTEN_MS)
    if (sample > this.#value) this.#value = sample
    else {
      const kept = Math.min(KEPT, this.#keptUntil(now))
      this.#value = this.#value * kept + sample * (1 - kept)
    }
    this.#at = now
  }

  #keptUntil(now: number): number {
    return Math.exp(-Math.max(0, now - this.#at) / DECAY_MS)
  }
}
