/**
 * The time that one request may lose to the shared tier, in all of its steps together: a tier that hangs costs it once,
 * not once per step.
 */
export class Budget {
  #leftMs: number

  constructor(ms: number) {
    this.#leftMs = ms
  }

  get leftMs(): number {
    return this.#leftMs
  }

  /** Nothing more of the shared tier for this request. */
  spend(): void {
    this.#leftMs = 0
  }

  took(ms: number): void {
    this.#leftMs = Math.max(0, this.#leftMs - ms)
  }
}
