import type { OutlierDetection } from '../drivers/driver.ts'

/** Without settings: only connections that fail leave a backend out, and briefly. */
export const CONNECTIONS_ONLY: OutlierDetection = {
  consecutiveFailures: Infinity,
  maxEjectedShare: 1,
  baseEjectMs: 30_000,
}
const MAX_EJECT_MS = 300_000
/** After a failed connection, times the number of failures in a row: an instance that restarts is soon back. */
const BRIEF_MS = 250
const MAX_BRIEF_MS = 5_000

/** `briefly`: connections to it fail. `long`: it failed as many requests in a row as configured. */
export type Ejection = 'briefly' | 'long'

/**
 * When one backend is left out because of its last requests. The time out grows by `baseEjectMs` with each long ejection, and
 * what it has grown by is forgotten at the same pace while the backend answers. Time is monotonic, in milliseconds.
 */
export class Outlier {
  settings: OutlierDetection
  /** Whether there is anything that an answer would change: looked at for every answer. */
  troubled = false
  ejectedUntil = 0
  /** A brief one is disproved by the next answer. */
  #long = false
  #failures = 0
  #ejections = 0
  #answeredAt = -Infinity

  constructor(settings: OutlierDetection) {
    this.settings = settings
  }

  isOut(now: number): boolean {
    return now < this.ejectedUntil
  }

  /** Whether it is out for a failing series, of which a pool allows a share only. */
  isOutLong(now: number): boolean {
    return this.#long && now < this.ejectedUntil
  }

  answered(now: number): void {
    this.#failures = 0
    if (!this.#long) this.ejectedUntil = 0
    else if (now >= this.ejectedUntil && this.ejectedUntil > 0) {
      this.#answeredAt = Math.max(this.#answeredAt, this.ejectedUntil)
    }
    this.troubled = this.ejectedUntil > now
  }

  /** A request that it failed. How it should be left out now; undefined: not. */
  failed(connecting: boolean): Ejection | undefined {
    this.troubled = true
    if (++this.#failures >= this.settings.consecutiveFailures) return 'long'
    return connecting ? 'briefly' : undefined
  }

  eject(now: number, how: Ejection): void {
    if (how === 'briefly') {
      if (!this.isOut(now)) this.#long = false
      // What began before it is over is not shortened by it.
      this.ejectedUntil = Math.max(this.ejectedUntil, now + Math.min(BRIEF_MS * this.#failures, MAX_BRIEF_MS))
      return
    }
    const { baseEjectMs, maxEjectMs = MAX_EJECT_MS } = this.settings
    if (this.#answeredAt > -Infinity) {
      const forgotten = Math.floor((now - this.#answeredAt) / baseEjectMs)
      this.#ejections = Math.max(0, this.#ejections - forgotten)
      this.#answeredAt = -Infinity
    }
    this.ejectedUntil = now + Math.min(baseEjectMs * ++this.#ejections, Math.max(baseEjectMs, maxEjectMs))
    this.#long = true
    this.#failures = 0
  }

  /** Takes it back before its time. */
  pardon(): void {
    this.ejectedUntil = 0
  }
}
