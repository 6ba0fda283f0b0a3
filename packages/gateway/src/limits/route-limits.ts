import { hash } from 'node:crypto'
import type { VisitorRequest } from '../proxy/visitor.ts'
import type { GatewayTable, RateLimit, RouteEntry } from '../drivers/driver.ts'
import { networkOf } from '../balancing/hash.ts'
import type { ForwardingPolicy, RequestHeaders } from '../proxy/request-headers.ts'
import { fieldValue } from '../routing/header-match.ts'
import { visitorAddress } from '../proxy/visitor-address.ts'
import { ClientRate } from './client-rate.ts'

/** Of longer values of a header that tells clients apart a hash is kept: tokens often begin alike. */
const MAX_NAME = 256

/** What is said about a limit to the visitor. */
export interface RouteVerdict {
  allowed: boolean
  /** Until a request is allowed again. */
  retryAfterSeconds: number
  /** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). */
  headers: string[]
}

/** The rate limits of the routes, which last as long as a route with that limit is in the table. */
export class RouteLimits {
  readonly #policy: Pick<ForwardingPolicy, 'trusted'>
  readonly #processes: number
  #rates = new Map<string, ClientRate>()
  #byEntry = new WeakMap<RouteEntry, ClientRate>()

  constructor(policy: Pick<ForwardingPolicy, 'trusted'>, processes: number) {
    this.#policy = policy
    this.#processes = processes
  }

  update({ routes }: GatewayTable): void {
    const rates = new Map<string, ClientRate>()
    this.#byEntry = new WeakMap()
    for (const entry of routes) {
      const { rateLimit } = entry
      if (rateLimit === undefined) continue
      const { prefix, host, methods, headers, countries } = entry
      const key = JSON.stringify([prefix, host, methods, headers, countries, rateLimit])
      const rate = rates.get(key) ?? this.#rates.get(key) ?? new ClientRate(rateLimit, this.#processes)
      rates.set(key, rate)
      this.#byEntry.set(entry, rate)
    }
    this.#rates = rates
  }

  /** Counts a request of a route with a limit. */
  take(entry: RouteEntry, limit: RateLimit, req: VisitorRequest, headers: RequestHeaders): RouteVerdict {
    const rate = this.#byEntry.get(entry)
    if (rate === undefined) return { allowed: true, retryAfterSeconds: 0, headers: [] }
    const { allowed, remaining, resetMs } = rate.take(this.#client(limit, req, headers), performance.now())
    const seconds = Math.ceil(resetMs / 1_000)
    return {
      allowed,
      retryAfterSeconds: Math.max(1, seconds),
      headers: ['ratelimit-policy', rate.policy, 'ratelimit', `"client";r=${remaining};t=${seconds}`],
    }
  }

  #client({ by = 'client' }: RateLimit, req: VisitorRequest, headers: RequestHeaders): string {
    if (by !== 'client') {
      const text = fieldValue(req.headers, by.slice('header:'.length).toLowerCase())
      // Apart from addresses, so that nobody can speak for another's.
      if (text !== undefined && text !== '')
        return text.length > MAX_NAME ? `#${hash('sha256', text)}` : `=${text}`
    }
    return networkOf(visitorAddress(req.socket.remoteAddress, headers, this.#policy))
  }
}
