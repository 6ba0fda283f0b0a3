const INITIAL_STEP = 0.0625
const STEP_DECAY = 0.98
/** A change of the hit ratio that means that the workload is another one now. */
const RESTART_AT = 0.05
const SAMPLE_FACTOR = 10

/**
 * Moves a share in the direction in which the hit ratio rises, by steps that become smaller until the hit ratio jumps:
 * Einziger et al., "Adaptive Software Cache Management" (Middleware 2018).
 */
export class HillClimber {
  #step = INITIAL_STEP
  #hits = 0
  #misses = 0
  #previous = 0

  hit(): void {
    this.#hits++
  }

  miss(): void {
    this.#misses++
  }

  /** By how much to change the share now; 0 until enough was seen. `entries`: how many there are. */
  adjustment(entries: number): number {
    const reads = this.#hits + this.#misses
    if (reads < SAMPLE_FACTOR * Math.max(entries, 1)) return 0
    const ratio = this.#hits / reads
    const change = ratio - this.#previous
    const amount = change >= 0 ? this.#step : -this.#step
    this.#step = Math.abs(change) >= RESTART_AT ? Math.sign(amount) * INITIAL_STEP : amount * STEP_DECAY
    this.#previous = ratio
    this.#hits = 0
    this.#misses = 0
    return amount
  }
}
