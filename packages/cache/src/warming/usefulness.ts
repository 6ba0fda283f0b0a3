import { keepWithin } from './bounded.ts'

/** Outcomes before the average is believed, and how much each counts in it. */
const MIN_OUTCOMES = 20
const WEIGHT = 0.05
/** Of the predictions that are held back, so many are made all the same, to notice when they would be right again. */
const PROBE_SHARE = 1 / 16

/**
 * Whether predictions are worth their loads: which of the keys loaded ahead were read in time. When too few were, predicting
 * pauses but for a few probes.
 */
export class Usefulness {
  readonly #minPrecision: number
  readonly #horizonMs: number
  readonly #maxOpen: number
  readonly #random: () => number
  /** Predicted and not read yet, oldest first. */
  readonly #open = new Map<string, number>()
  #outcomes = 0
  #precision = 1
  #used = 0
  #wasted = 0

  constructor(options: { minPrecision: number; horizonMs: number; maxOpen: number; random: () => number }) {
    this.#minPrecision = options.minPrecision
    this.#horizonMs = options.horizonMs
    this.#maxOpen = options.maxOpen
    this.#random = options.random
  }

  get stats(): { used: number; wasted: number; precision: number | null } {
    return {
      used: this.#used,
      wasted: this.#wasted,
      precision: this.#outcomes === 0 ? null : this.#precision,
    }
  }

  /** Whether a prediction may be made now. */
  worthwhile(): boolean {
    if (this.#outcomes < MIN_OUTCOMES || this.#precision >= this.#minPrecision) return true
    return this.#random() < PROBE_SHARE
  }

  predicted(key: string, at: number): void {
    if (this.#open.has(key)) return
    this.#open.set(key, at)
    if (this.#open.size > this.#maxOpen) {
      keepWithin(this.#open, this.#maxOpen, (at) => at)
      this.#learn(false)
    }
  }

  /** Whether the key was predicted, and the prediction was right. */
  read(key: string, at: number): boolean {
    this.expire(at)
    if (!this.#open.delete(key)) return false
    this.#learn(true)
    return true
  }

  /** Predictions that nobody read in time. */
  expire(at: number): void {
    for (const [key, predictedAt] of this.#open) {
      if (at - predictedAt <= this.#horizonMs) return
      this.#open.delete(key)
      this.#learn(false)
    }
  }

  #learn(used: boolean): void {
    this.#outcomes++
    if (used) this.#used++
    else this.#wasted++
    this.#precision += WEIGHT * ((used ? 1 : 0) - this.#precision)
  }
}
