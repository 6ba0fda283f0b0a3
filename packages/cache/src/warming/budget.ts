/**
 * What loading ahead may cost: a share of the reads that were observed, and no more than `burst` at once. Every read adds its
 * share, every load ahead takes 1 and gives it back when it saved the reader a load, so that the loads in addition never
 * exceed `burst + share × reads`.
 */
export class LoadBudget {
  readonly #share: number
  readonly #burst: number
  #tokens: number

  constructor(options: { share: number; burst: number }) {
    this.#share = options.share
    this.#burst = options.burst
    this.#tokens = options.burst
  }

  read(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#share)
  }

  /** A load ahead took the place of one. */
  saved(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1)
  }

  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
