/** After this long, 63 % of what was known is forgotten. */
const DECAY_MS = 10_000
/** What is left of it once it says nothing any more, in milliseconds. */
const FORGOTTEN_MS = 0.001

/**
 * An exponentially weighted moving average that believes a rise at once and a fall slowly (peak EWMA, Finagle). Between
 * answers it falls towards 0 by itself, so that a backend that nobody asks is tried again.
 */
export class PeakEwma {
  #value = 0
  #at = 0

  /** Milliseconds; 0 before the first answer. */
  read(now: number): number {
    if (this.#value === 0) return 0
    return Math.max(FORGOTTEN_MS, this.#value * Math.exp(-Math.max(0, now - this.#at) / DECAY_MS))
  }

  record(latencyMs: number, now: number): void {
    const sample = Math.max(latencyMs, FORGOTTEN_MS)
    if (this.#value === 0 || sample > this.#value) this.#value = sample
    else {
      const kept = Math.exp(-Math.max(0, now - this.#at) / DECAY_MS)
      this.#value = this.#value * kept + sample * (1 - kept)
    }
    this.#at = now
  }
}
