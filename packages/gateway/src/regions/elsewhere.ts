import type { BackendPool } from '../pools/pool.ts'
import type { Exchange } from '../proxy/exchange.ts'
import { nearestOf } from './nearest.ts'
import type { Regions } from './regions.ts'

/** Where the requests of one pool go when it cannot answer them: the pool of the regions. */
export class Elsewhere {
  readonly pool: BackendPool
  readonly #local: BackendPool
  readonly #regions: Regions
  /** When it was last seen that nothing here can answer. Monotonic, milliseconds. */
  #helplessAt = -Infinity

  constructor(local: BackendPool, pool: BackendPool, regions: Regions) {
    this.#local = local
    this.pool = pool
    this.#regions = regions
  }

  /** No backend, all of them left out, or with open circuits and used only because that are too many. */
  static isHelpless({ ready }: BackendPool, now: number): boolean {
    for (const { outlier, circuit } of ready) {
      if (!outlier.isOut(now) && circuit?.state !== 'open') return false
    }
    return true
  }

  /** Whether requests should go elsewhere now: nothing here can answer, or could not until a moment ago. */
  wanted(now: number): boolean {
    if (Elsewhere.isHelpless(this.#local, now)) this.#helplessAt = now
    else if (now - this.#helplessAt >= this.#regions.returnAfterMs) return false
    return this.isReachable(now)
  }

  /** The region that a request would go to now; undefined: it would stay. Changes nothing. */
  would(now: number): string | undefined {
    const away = now - this.#helplessAt < this.#regions.returnAfterMs
    return away || Elsewhere.isHelpless(this.#local, now) ? nearestOf(this.pool, now) : undefined
  }

  isReachable(now: number): boolean {
    return nearestOf(this.pool, now) !== undefined
  }

  /** Whether the request may be handed over: once, and not on from where it was handed to. */
  mayTake({ region }: Exchange): boolean {
    return region === undefined && this.isReachable(performance.now())
  }

  /** Hands over a request that `mayTake` allows and of which nothing is lost. False: it cannot be sent to anybody else. */
  take(exchange: Exchange): boolean {
    const regions = this.#regions
    if (regions.redirected(exchange, this.pool)) return true
    const outgoing = regions.outgoing(exchange)
    if (outgoing === undefined) return false
    const { pool } = this
    exchange.region = pool.name
    regions.count(nearestOf(pool, performance.now()) ?? 'unknown', 'forwarded')
    exchange.split = undefined
    exchange.session = undefined
    // What another region answers is its to keep.
    exchange.turn?.abandon()
    exchange.turn = undefined
    exchange.tried = undefined
    exchange.attempts = 0
    exchange.pool.inFlight--
    exchange.pool = pool
    pool.inFlight++
    pool.requests++
    exchange.path = outgoing.path
    exchange.outgoing = outgoing.headers
    exchange.forward()
    return true
  }
}
