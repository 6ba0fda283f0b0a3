import type { OutlierDetection } from '../drivers/driver.ts'

/** Without settings: connections that fail take a backend out, however many that are. */
export const CONNECTIONS_ONLY: OutlierDetection = {
  consecutiveFailures: Infinity,
  maxEjectedShare: 1,
  baseEjectMs: 250,
  maxEjectMs: 5_000,
}
const MAX_EJECT_MS = 300_000

/**
 * When one backend is left out because of its last requests. The time out grows by `baseEjectMs` with each ejection, and
 * what it has grown by is forgotten at the same pace while the backend answers. Time is monotonic, in milliseconds.
 */
export class Outlier {
  settings: OutlierDetection
  /** Whether there is anything that an answer would change: looked at for every answer. */
  troubled = false
  ejectedUntil = 0
  /** Not for failed connections, which the next connection that is made disproves. */
  lasting = false
  #failures = 0
  #ejections = 0
  #answeredAt = -Infinity

  constructor(settings: OutlierDetection) {
    this.settings = settings
  }

  isOut(now: number): boolean {
    return now < this.ejectedUntil
  }

  answered(now: number): void {
    this.#failures = 0
    if (this.ejectedUntil > 0 && now >= this.ejectedUntil) {
      this.#answeredAt = Math.max(this.#answeredAt, this.ejectedUntil)
    } else if (!this.lasting) this.ejectedUntil = 0
    this.troubled = this.ejectedUntil > now
  }

  /** A request that it failed. True: it should be left out now. */
  failed(connecting: boolean): boolean {
    this.troubled = true
    return ++this.#failures >= this.settings.consecutiveFailures || connecting
  }

  /** Returns for how long. */
  eject(now: number, connecting: boolean): number {
    const { baseEjectMs, maxEjectMs = MAX_EJECT_MS } = this.settings
    if (this.#answeredAt > -Infinity) {
      const forgotten = Math.floor((now - this.#answeredAt) / baseEjectMs)
      this.#ejections = Math.max(0, this.#ejections - forgotten)
      this.#answeredAt = -Infinity
    }
    const delay = Math.min(baseEjectMs * ++this.#ejections, Math.max(baseEjectMs, maxEjectMs))
    this.ejectedUntil = now + delay
    this.lasting = !connecting
    this.#failures = 0
    return delay
  }

  /** Takes it back before its time. */
  pardon(): void {
    this.ejectedUntil = 0
  }
}
