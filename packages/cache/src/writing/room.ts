import type { Clock } from '@millrace/core'
import { cacheErrors } from '../errors.ts'

export interface RoomLimits {
  namespace: string
  maxEntries: number
  maxBytes: number
  /** How long a write waits for room. */
  fullTimeoutMs: number
  clock: Clock
}

/**
 * The bound of a queue. Whoever finds no room waits in turn, so that a producer is slowed down to what the origin takes
 * before it is refused. No more may wait than fit into the queue.
 */
export class Room {
  readonly #limits: RoomLimits
  readonly #waiting = new Set<{ bytes: number; admit: () => void; refuse: (reason: unknown) => void }>()
  #entries = 0
  #bytes = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /**
   * Takes the room of one entry. What is there already, from an earlier process, is taken whether it fits or not.
   * @throws CACHE_WRITE_QUEUE_FULL
   */
  async take(bytes: number): Promise<void> {
    if (this.#waiting.size === 0 && this.#fits(bytes)) {
      this.add(bytes)
      return
    }
    const { clock, fullTimeoutMs, maxEntries, namespace } = this.#limits
    const full = (): Error => {
      const facts = { namespace, entries: this.#entries, bytes: this.#bytes, waitedMs: fullTimeoutMs }
      return cacheErrors.WRITE_QUEUE_FULL(facts)
    }
    if (fullTimeoutMs === 0 || this.#waiting.size >= maxEntries) throw full()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { bytes, admit: resolve, refuse: reject }
    this.#waiting.add(waiter)
    const timer = new AbortController()
    clock.sleep(fullTimeoutMs, timer.signal).then(
      () => {
        this.#waiting.delete(waiter)
        reject(full())
      },
      () => undefined,
    )
    try {
      await promise
    } finally {
      timer.abort()
      this.#admit()
    }
  }

  add(bytes: number): void {
    this.#entries++
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#entries--
    this.#bytes -= bytes
    this.#admit()
  }

  /** Those who wait are refused. */
  close(reason: unknown): void {
    for (const { refuse } of this.#waiting) refuse(reason)
    this.#waiting.clear()
  }

  #fits(bytes: number): boolean {
    if (this.#entries >= this.#limits.maxEntries) return false
    // One that is larger than the whole queue gets it for itself.
    return this.#entries === 0 || this.#bytes + bytes <= this.#limits.maxBytes
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.bytes)) return
      this.#waiting.delete(waiter)
      this.add(waiter.bytes)
      waiter.admit()
    }
  }
}
