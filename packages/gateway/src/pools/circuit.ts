import type { CircuitBreaker, CircuitState } from '../drivers/driver.ts'
import { SlidingWindow } from './sliding-window.ts'

/** How many times `openMs` it stays open at most. */
const MAX_BACKOFF = 16

/**
 * The circuit breaker of one backend (Nygard, "Release It!"), with a recovery in steps: closed → open, when enough of the
 * answers of the last window failed → recovering, after `openMs`, with a share of its weight that grows with each window
 * that it survives → closed. A recovery that fails opens it again, for twice as long. Time is monotonic, in milliseconds.
 */
export class Circuit {
  readonly #settings: CircuitBreaker
  readonly #window: SlidingWindow
  #state: CircuitState = 'closed'
  #step = 0
  /** Recoveries in a row that failed. */
  #relapses = 0
  /** When it does something by itself; Infinity while it is closed. */
  nextAt = Infinity

  constructor(settings: CircuitBreaker) {
    this.#settings = settings
    this.#window = new SlidingWindow(settings.windowMs)
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Share of its weight, 0–1. */
  get admitted(): number {
    if (this.#state === 'closed') return 1
    return this.#state === 'open' ? 0 : this.#settings.steps[this.#step]! / 100
  }

  /**
   * An answer, or that there was none. True: `state` or `admitted` is another now. While it is open, what was in flight
   * before is not counted.
   */
  record(failed: boolean, now: number): boolean {
    if (this.#state === 'open') return false
    this.#window.record(failed, now)
    return failed && this.#fails() ? this.#open(now) : false
  }

  /** Does what is due. True: `state` or `admitted` is another now. */
  tick(now: number): boolean {
    if (now < this.nextAt) return false
    if (this.#state === 'open') {
      this.#state = 'recovering'
      this.#begin(0, now)
      return true
    }
    this.#window.advance(now)
    // At the end of a step even one bad answer among few counts.
    if (this.#window.failures > 0 && this.#window.failureRatio >= this.#settings.errorRatio)
      return this.#open(now)
    if (this.#step + 1 < this.#settings.steps.length) {
      this.#begin(this.#step + 1, now)
    } else {
      this.#state = 'closed'
      this.#relapses = 0
      this.nextAt = Infinity
    }
    return true
  }

  /** While it recovers it gets fewer requests, and fewer of them are enough. */
  #fails(): boolean {
    const enough = Math.max(1, Math.ceil(this.#settings.minRequests * this.admitted))
    return this.#window.requests >= enough && this.#window.failureRatio >= this.#settings.errorRatio
  }

  #open(now: number): true {
    const { openMs } = this.#settings
    if (this.#state === 'recovering') this.#relapses++
    this.nextAt = now + openMs * Math.min(2 ** this.#relapses, MAX_BACKOFF)
    this.#state = 'open'
    this.#window.clear()
    return true
  }

  #begin(step: number, now: number): void {
    this.#step = step
    this.#window.clear()
    this.nextAt = now + this.#settings.windowMs
  }
}
