import type { Clock } from '@millrace/core'
import { assetsErrors } from '../errors.ts'

export interface WorkQueueOptions {
  /** Run at the same time. */
  concurrency: number
  /** Wait for their turn; one more is refused. */
  maxQueued: number
  /** Waiting longer than this is refused as well. */
  maxWaitMs: number
  clock: Clock
}

interface Waiting {
  start: () => void
}

/** Runs work first come, first served, and refuses what it could not do in time instead of piling it up. */
export class WorkQueue {
  active = 0
  readonly #options: WorkQueueOptions
  readonly #waiting = new Set<Waiting>()
  /** How long one piece of work takes, smoothed; for Retry-After. */
  #averageMs = 200

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#waiting.size
  }

  /**
   * @throws ASSETS_BUSY, the signal's reason when it is aborted before the work begins, and what the work throws
   */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted()
    if (this.active >= this.#options.concurrency) await this.#turn(signal)
    else this.active++
    const startedAt = this.#options.clock.monotonic()
    try {
      return await work()
    } finally {
      this.#averageMs += 0.1 * (this.#options.clock.monotonic() - startedAt - this.#averageMs)
      this.#next()
    }
  }

  /** Hands the finished one's place on, so that `active` never exceeds the limit in between. */
  #next(): void {
    const [first] = this.#waiting
    if (first === undefined) this.active--
    else {
      this.#waiting.delete(first)
      first.start()
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#options.maxQueued) throw this.#busy()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { start: resolve }
    this.#waiting.add(waiting)
    const leave = (reason: unknown): void => {
      if (this.#waiting.delete(waiting)) reject(reason)
    }
    const onAbort = (): void => leave(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = new AbortController()
    this.#options.clock.sleep(this.#options.maxWaitMs, timer.signal).then(
      () => leave(this.#busy()),
      () => undefined,
    )
    try {
      await promise
    } finally {
      timer.abort()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #busy(): Error {
    const queued = this.#waiting.size
    const clearMs = (queued * this.#averageMs) / this.#options.concurrency
    return assetsErrors.BUSY({ queued, retryAfterS: Math.min(60, Math.max(1, Math.ceil(clearMs / 1_000))) })
  }
}
