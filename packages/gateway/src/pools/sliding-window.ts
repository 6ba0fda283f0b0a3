const BUCKETS = 10

/** Counts successes and failures of the last `windowMs`, in tenths of it. Allocates nothing once it is made. */
export class SlidingWindow {
  readonly #bucketMs: number
  readonly #answered = new Uint32Array(BUCKETS)
  readonly #failed = new Uint32Array(BUCKETS)
  #newest = -Infinity
  requests = 0
  failures = 0

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS
  }

  record(failed: boolean, now: number): void {
    this.advance(now)
    const at = this.#newest % BUCKETS
    this.#answered[at]!++
    this.requests++
    if (!failed) return
    this.#failed[at]!++
    this.failures++
  }

  /** Forgets what is older than the window. Time that goes back is taken as standing still. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    if (bucket <= this.#newest) return
    if (bucket - this.#newest >= BUCKETS) this.clear()
    else for (let old = this.#newest + 1; old <= bucket; old++) this.#forget(old % BUCKETS)
    this.#newest = bucket
  }

  #forget(at: number): void {
    this.requests -= this.#answered[at]!
    this.failures -= this.#failed[at]!
    this.#answered[at] = 0
    this.#failed[at] = 0
  }

  clear(): void {
    this.#answered.fill(0)
    this.#failed.fill(0)
    this.requests = 0
    this.failures = 0
  }

  /** 0–1; 0 without any request. */
  get failureRatio(): number {
    return this.requests === 0 ? 0 : this.failures / this.requests
  }
}
