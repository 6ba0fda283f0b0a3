import type { RateLimit } from '../drivers/driver.ts'
import { Gcra } from '../pools/gcra.ts'

/** Clients that are remembered per limit and worker; the one that asked longest ago is forgotten first. */
export const MAX_CLIENTS = 100_000

export interface RateVerdict {
  allowed: boolean
  /** Requests that would be allowed now. */
  remaining: number
  /** Until one more is allowed than now; until the first, when none is. */
  resetMs: number
}

/**
 * One limit, for each client apart. A client that is forgotten begins anew: who has more than 100,000 addresses to ask from
 * is not stopped by a limit per address. Times are monotonic, in milliseconds.
 */
export class ClientRate {
  readonly #gcra: Gcra
  readonly #maxClients: number
  /** The arrival times, in the order of their last use. */
  readonly #arrivals = new Map<string, number>()
  /** RateLimit-Policy: what this process allows. */
  readonly policy: string

  constructor(
    { perSecond, burst }: Pick<RateLimit, 'perSecond' | 'burst'>,
    processes = 1,
    maxClients = MAX_CLIENTS,
  ) {
    this.#gcra = new Gcra(perSecond / processes, burst / processes)
    this.#maxClients = maxClients
    const windowSeconds = Math.max(1, Math.ceil((this.#gcra.burst * this.#gcra.intervalMs) / 1_000))
    this.policy = `"client";q=${this.#gcra.burst};w=${windowSeconds}`
  }

  get clients(): number {
    return this.#arrivals.size
  }

  /** Counts the request, when it is allowed. */
  take(client: string, now: number): RateVerdict {
    const gcra = this.#gcra
    const arrival = this.#arrivals.get(client) ?? now
    const allowed = now >= gcra.allowedAt(arrival)
    const after = allowed ? gcra.next(arrival, now) : arrival
    this.#arrivals.delete(client)
    if (this.#arrivals.size >= this.#maxClients) this.#forgetOne()
    this.#arrivals.set(client, after)
    const remaining = gcra.remaining(after, now)
    // The time at which `remaining` + 1 requests would be allowed.
    const resetMs = Math.max(0, gcra.allowedAt(after) + remaining * gcra.intervalMs - now)
    return { allowed, remaining, resetMs }
  }

  #forgetOne(): void {
    for (const client of this.#arrivals.keys()) {
      this.#arrivals.delete(client)
      return
    }
  }
}
