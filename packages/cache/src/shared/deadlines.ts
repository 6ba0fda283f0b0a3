import type { Clock } from '@millrace/core'

/** One time limit that is running. */
export interface Deadline {
  /** On the monotonic clock. */
  readonly at: number
  readonly passed: () => void
}

/**
 * Time limits of many short operations with one timer: nearly all of them end long before their limit, and a timer for
 * each, made and ended again, would cost more than the rest of the guard.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #running = new Set<Deadline>()
  readonly #idle = new AbortController()
  /** The time for which the timer is set. */
  #wakesAt = Infinity
  #closed = false

  /** From `closed` on, the timer is kept only for what is running. */
  constructor(clock: Clock, closed: AbortSignal) {
    this.#clock = clock
    closed.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Calls `passed` after `ms`, unless it is ended before. */
  start(ms: number, passed: () => void): Deadline {
    const deadline = { at: this.#clock.monotonic() + ms, passed }
    this.#running.add(deadline)
    this.#wake(deadline.at)
    return deadline
  }

  end(deadline: Deadline): void {
    this.#running.delete(deadline)
    if (this.#closed) this.#close()
  }

  #close(): void {
    this.#closed = true
    if (this.#running.size === 0) this.#idle.abort(IDLE)
  }

  #wake(at: number): void {
    if (at >= this.#wakesAt) return
    this.#wakesAt = at
    this.#clock.sleep(at - this.#clock.monotonic(), this.#idle.signal).then(
      () => this.#look(at),
      () => undefined,
    )
  }

  #look(wokenFor: number): void {
    // An earlier time took its place, and was looked at.
    if (wokenFor !== this.#wakesAt) return
    this.#wakesAt = Infinity
    const now = this.#clock.monotonic()
    let next = Infinity
    for (const deadline of this.#running) {
      if (deadline.at <= now) {
        this.#running.delete(deadline)
        deadline.passed()
      } else if (deadline.at < next) next = deadline.at
    }
    if (next !== Infinity) this.#wake(next)
  }
}

/** Made once: an `AbortController` that is given no reason makes an error with a stack each time. */
const IDLE = new Error('no time limit is running')
