import type { Version } from '../drivers/driver.ts'
import type { Invalidations } from '../invalidation.ts'
import type { Flight } from '../loading/flight.ts'
import type { Loads } from '../loading/loads.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { CacheLimits } from '../options.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import { registerResponseTypes } from './codec.ts'
import { Passes } from './passes.ts'
import { Production, type Hit } from './production.ts'
import {
  requestKey,
  resolveHttpOptions,
  type HttpCacheOptions,
  type RequestView,
  type ResolvedHttpOptions,
} from './request.ts'
import { Responses, type Keyed, type Place } from './responses.ts'
import { isConditional, isNotModified } from './semantics/conditions.ts'
import type { Fields } from './semantics/fields.ts'
import { mayServeOnError } from './semantics/reuse.ts'
import { withoutContentFields } from './semantics/stored-fields.ts'
import type { HitLabel, StoredResponse } from './stored-response.ts'
import { settledWithin } from './waiting.ts'

/** The inside of a cache, for the layers on top of it in this package. */
export interface CacheParts {
  tier: MemoryTier
  loads: Loads
  limits: CacheLimits
  /** Undefined: there is none. */
  shared: SharedTier | undefined
  /** For every tier and process; `tier` has the memory of this one. */
  invalidations: Invalidations
}

/** How long a response that could not be stored lets later requests through without waiting for one another. */
const PASS_MS = 10_000
const MAX_VARIANTS = 256

export type Found = Hit | Production | undefined

const HIT: HitLabel = () => ['x-cache', 'HIT']
const STALE: HitLabel = () => ['x-cache', 'STALE']

/** A request, and where its response belongs. */
class Asked<Request> implements Keyed {
  readonly key: string
  readonly view: RequestView
  readonly request: Request
  #asCame: Fields | undefined

  constructor(key: string, view: RequestView, request: Request) {
    this.key = key
    this.view = view
    this.request = request
  }

  fields(): Fields {
    return this.#asCame ?? this.view.headers
  }

  /**
   * From now on `fields` are those of this moment: what handlers add to a request on its way, such as a tenant, must not
   * choose the variant, or visitors could ask for that of others by sending the field themselves.
   */
  remember(): void {
    this.#asCame = { ...this.view.headers }
  }
}

/** HTTP semantics over a cache, independent of the framework. */
export class ResponseCache<Request> {
  readonly #parts: CacheParts
  readonly #namespace: string
  readonly #options: ResolvedHttpOptions<Request>
  readonly #responses: Responses
  readonly #passes: Passes

  /** @throws CACHE_TTL_INVALID, CACHE_OPTION_INVALID, CACHE_NAMESPACE_INVALID */
  constructor(parts: CacheParts, namespace: string, options: HttpCacheOptions<Request>) {
    const space = parts.tier.open(namespace)
    // A namespace that is kept in memory only shares no responses either.
    const shared = space.keep.tiers === 'memory' ? undefined : parts.shared
    this.#parts = { ...parts, shared }
    this.#namespace = namespace
    this.#options = resolveHttpOptions(options, space.keep)
    this.#responses = new Responses(this.#parts, space, MAX_VARIANTS)
    this.#passes = new Passes(parts.limits.clock, PASS_MS)
    if (parts.shared !== undefined) registerResponseTypes(parts.shared, parts.limits.clock)
  }

  /** Undefined: this request has nothing to do with the cache. A promise only where something has to be waited for. */
  look(view: RequestView, request: Request): Found | Promise<Found> {
    const { tier, limits, shared } = this.#parts
    const key = requestKey(view, request, this.#options)
    if (key === undefined || key.length > limits.maxKeyLength) return undefined
    // Throws once the cache is closed.
    tier.open(this.#namespace)
    const asked = new Asked(key, view, request)
    const place = this.#responses.find(asked)
    if (place.id.length > limits.maxKeyLength) return undefined
    const hit = this.#fresh(place, view)
    if (hit !== undefined) return hit
    const passes = this.#passes.has(place.id)
    if (shared?.available === true && !passes) return this.#elsewhere(asked, shared)
    const running = passes ? undefined : this.#responses.running(place)
    if (running === undefined) return this.#miss(asked, place, undefined)
    return this.#meanwhile(place, view) ?? this.#wait(asked, running, undefined)
  }

  /** Another process may have stored it. */
  async #elsewhere(asked: Asked<Request>, shared: SharedTier): Promise<Found> {
    const version = await this.#responses.bring(asked, shared)
    const place = this.#responses.find(asked)
    const hit = this.#fresh(place, asked.view)
    if (hit !== undefined) return hit
    const running = this.#passes.has(place.id) ? undefined : this.#responses.running(place)
    if (running === undefined) return this.#miss(asked, place, version)
    return this.#meanwhile(place, asked.view) ?? this.#wait(asked, running, version)
  }

  async #wait(asked: Asked<Request>, first: Flight, version: Version | undefined): Promise<Found> {
    const { clock } = this.#parts.limits
    this.#responses.space.stampedesAvoided.add()
    const until = clock.monotonic() + this.#options.waitMs
    let running: Flight | undefined = first
    for (;;) {
      const leftMs = until - clock.monotonic()
      if (leftMs > 0) await settledWithin(running.done, leftMs, clock)
      const place = this.#responses.find(asked)
      if (place.id.length > this.#parts.limits.maxKeyLength) return undefined
      const hit = this.#fresh(place, asked.view)
      if (hit !== undefined) return hit
      running = this.#passes.has(place.id) ? undefined : this.#responses.running(place)
      // In the same turn as `running`: if the one that produced the response gave up, one of those who waited takes
      // its place, and the others wait for that one.
      if (running === undefined || leftMs <= 0) return this.#miss(asked, place, version)
    }
  }

  #fresh({ response }: Place, view: RequestView): Hit | undefined {
    if (response === undefined) return undefined
    const ageMs = response.ageMs(this.#parts.limits.clock.monotonic())
    return ageMs < response.terms.lifetimeMs ? this.#hit(response, view.headers, ageMs, HIT) : undefined
  }

  /** What is stale and may be given to others while one of them renews it. */
  #meanwhile({ response }: Place, view: RequestView): Hit | undefined {
    if (response === undefined) return undefined
    const { lifetimeMs, whileRevalidateMs } = response.terms
    const ageMs = response.ageMs(this.#parts.limits.clock.monotonic())
    return ageMs - lifetimeMs < whileRevalidateMs
      ? this.#hit(response, view.headers, ageMs, STALE)
      : undefined
  }

  #hit(stored: StoredResponse, conditions: Fields, ageMs: number, label: HitLabel): Hit {
    this.#responses.space.hit()
    const rawHeaders = stored.hitHeaders(ageMs, label)
    if (isConditional(conditions) && stored.status < 300) {
      if (isNotModified(conditions, stored.validators, this.#parts.limits.clock.now())) {
        return {
          kind: 'hit',
          status: 304,
          rawHeaders: withoutContentFields(rawHeaders),
          body: undefined,
          text: undefined,
        }
      }
    }
    return { kind: 'hit', status: stored.status, rawHeaders, body: stored.body, text: stored.text }
  }

  #miss(asked: Asked<Request>, place: Place, version: Version | undefined): Production {
    const responses = this.#responses
    responses.space.miss()
    asked.remember()
    const tags = this.#parts.tier.tags(responses.space, this.#options.tags?.(asked.request))
    const flight = responses.running(place) === undefined ? responses.depart(place, tags) : undefined
    const shop = {
      limits: this.#parts.limits,
      options: this.#options,
      responses,
      passes: this.#passes,
      // As it is then: what is purged meanwhile is not sent in place of an error either.
      instead: (conditions: Fields) => this.#onError(responses.find(asked), conditions),
    }
    return new Production(shop, { asked, place, flight, version, tags })
  }

  #onError({ response }: Place, conditions: Fields): Hit | undefined {
    if (response === undefined) return undefined
    const ageMs = response.ageMs(this.#parts.limits.clock.monotonic())
    return mayServeOnError(response.terms, ageMs, undefined)
      ? this.#hit(response, conditions, ageMs, STALE)
      : undefined
  }
}
