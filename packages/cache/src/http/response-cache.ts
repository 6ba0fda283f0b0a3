import type { Version } from '../drivers/driver.ts'
import type { Invalidations } from '../invalidation.ts'
import type { Flight } from '../loading/flight.ts'
import type { Loads } from '../loading/loads.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { CacheLimits } from '../options.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import { fieldsOfBag, one, rawHeadersOf, type HeaderBag } from './header.ts'
import { Passes } from './passes.ts'
import {
  requestKey,
  resolveHttpOptions,
  type HttpCacheOptions,
  type RequestView,
  type ResolvedHttpOptions,
} from './request.ts'
import { entityTag, forbidsStoring, judge, type Produced, type Verdict } from './response.ts'
import { Responses, type Keyed, type Place } from './responses.ts'
import { parseCacheControl } from './semantics/cache-control.ts'
import { isNotModified, validatorsOf } from './semantics/conditions.ts'
import type { Fields } from './semantics/fields.ts'
import { isFailure, mayServeOnError, termsOf } from './semantics/reuse.ts'
import { storedFields, withoutContentFields } from './semantics/stored-fields.ts'
import { registerResponseTypes } from './codec.ts'
import { StoredResponse, type HitLabel } from './stored-response.ts'
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

export interface Hit {
  kind: 'hit'
  status: number
  /** Names in lower case and values in turn. */
  rawHeaders: readonly string[]
  /** Undefined: 304, no body. */
  body: Buffer | undefined
}

export interface Miss {
  kind: 'miss'
  maxBodyBytes: number
  /** `conditions`: what the visitor has already. */
  finish(response: Produced, conditions: Fields): Finished
  /** Too large or a stream: nothing is stored, and others need not wait for one another. */
  pass(): void
  /** Nothing will be stored. Harmless after `finish`. */
  abandon(): void
}

export interface Finished {
  /** To be sent in place of the response, which is a failure. */
  instead: Hit | undefined
  /** To add to the response when its headers are not sent yet. */
  headers: Record<string, string>
  notModified: boolean
  /**
   * Stores the response if it may be stored; to be called once its headers are out. `sent`: those, where layers above
   * could still add to them; a cookie among them forbids storing, too.
   */
  store: (sent?: HeaderBag) => void
}

export type Found = Hit | Miss | undefined

const HIT: HitLabel = () => ['x-cache', 'HIT']
const STALE: HitLabel = () => ['x-cache', 'STALE']
const NOT_SENT_AGAIN = ['x-cache']

/** A request, and where its response belongs. */
class Asked<Request> implements Keyed {
  readonly key: string
  readonly view: RequestView
  readonly request: Request

  constructor(key: string, view: RequestView, request: Request) {
    this.key = key
    this.view = view
    this.request = request
  }

  fields(): Fields {
    return this.view.headers
  }
}

/** One request that the handler has to answer. */
interface Exchange<Request> {
  asked: Asked<Request>
  place: Place
  /** Undefined: another request produces this response; ours is not stored. */
  flight: Flight | undefined
  version: Version | undefined
  tags: readonly string[]
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
    this.#parts = parts
    this.#namespace = namespace
    this.#options = resolveHttpOptions(options)
    this.#responses = new Responses(parts, parts.tier.open(namespace), MAX_VARIANTS)
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
        return { kind: 'hit', status: 304, rawHeaders: withoutContentFields(rawHeaders), body: undefined }
      }
    }
    return { kind: 'hit', status: stored.status, rawHeaders, body: stored.body }
  }

  #miss(asked: Asked<Request>, place: Place, version: Version | undefined): Miss {
    const responses = this.#responses
    responses.space.miss()
    const tags = this.#parts.tier.tags(responses.space, this.#options.tags?.(asked.request))
    const flight = responses.running(place) === undefined ? responses.depart(place, tags) : undefined
    const exchange = { asked, place, flight, version, tags }
    const land = (): void => {
      if (flight !== undefined) responses.land(place, flight)
    }
    const pass = (): void => {
      if (flight !== undefined) this.#passes.mark(place.id)
      land()
    }
    return {
      kind: 'miss',
      maxBodyBytes: this.#options.maxBodyBytes,
      finish: (response, conditions) => this.#finish(exchange, response, conditions, { land, pass }),
      pass,
      abandon: land,
    }
  }

  #finish(
    exchange: Exchange<Request>,
    response: Produced,
    conditions: Fields,
    { land, pass }: { land: () => void; pass: () => void },
  ): Finished {
    const { clock } = this.#parts.limits
    const ttlMs = this.#options.ttlMs ?? this.#responses.space.ttlMs
    const now = clock.now()
    const instead = isFailure(response.status) ? this.#onError(exchange.place, conditions) : undefined
    if (instead !== undefined) return { instead, headers: {}, notModified: false, store: land }
    const verdict = judge(response, { ...this.#options, ttlMs, now })
    if (verdict === undefined) {
      return { instead, headers: { 'x-cache': 'BYPASS' }, notModified: false, store: pass }
    }
    const { status, headers } = response
    const etag = one(headers.etag) ?? entityTag(response.body)
    const added: Record<string, string> = { etag, 'x-cache': 'MISS' }
    if (headers['cache-control'] === undefined) added['cache-control'] = this.#cacheControl()
    const kept = { date: new Date(now).toUTCString(), ...headers, ...added }
    const validators = validatorsOf(fieldsOfBag(kept), now)
    return {
      instead,
      headers: added,
      notModified: status === 200 && isConditional(conditions) && isNotModified(conditions, validators, now),
      store: (sent = {}) => {
        if (forbidsStoring(sent, this.#options)) return pass()
        this.#store(
          exchange,
          { status, headers: kept, body: response.body },
          verdict,
          one(headers['cache-control']),
        )
        return land()
      },
    }
  }

  #onError({ response }: Place, conditions: Fields): Hit | undefined {
    if (response === undefined) return undefined
    const ageMs = response.ageMs(this.#parts.limits.clock.monotonic())
    return mayServeOnError(response.terms, ageMs, undefined)
      ? this.#hit(response, conditions, ageMs, STALE)
      : undefined
  }

  #store(
    { asked, place, flight, version, tags }: Exchange<Request>,
    { status, headers, body }: Produced,
    { freshMs, ageMs, vary }: Verdict,
    stated: string | undefined,
  ): void {
    if (flight === undefined) return
    const { clock, maxKeyLength } = this.#parts.limits
    const control = parseCacheControl(stated)
    const terms = termsOf(control, ageMs + freshMs, {
      whileRevalidateMs: this.#options.staleWhileRevalidateMs,
      ifErrorMs: this.#options.staleIfErrorMs,
    })
    const fields = fieldsOfBag(headers)
    const rawHeaders = storedFields(rawHeadersOf(headers), fields, {
      withheld: [...control.withheld, ...NOT_SENT_AGAIN],
      dropSetCookie: true,
    })
    const response = new StoredResponse({
      status,
      rawHeaders,
      body,
      bornAt: clock.monotonic() - ageMs,
      initialAgeMs: ageMs,
      terms,
      validators: validatorsOf(fields, clock.now()),
      tags,
      softTags: [],
    })
    const keepMs = freshMs + Math.max(terms.whileRevalidateMs, terms.ifErrorMs)
    this.#responses.store(place, flight, asked, {
      response,
      vary,
      keepMs,
      version,
      maxIdLength: maxKeyLength,
    })
  }

  #cacheControl(): string {
    const who = this.#options.identity === undefined ? 'public' : 'private'
    return `${who}, max-age=${this.#options.browserMaxAgeS}, must-revalidate`
  }
}

const isConditional = (conditions: Fields): boolean =>
  conditions['if-none-match'] !== undefined || conditions['if-modified-since'] !== undefined
