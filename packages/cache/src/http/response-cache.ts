import type { Invalidations } from '../invalidation.ts'
import type { Loads, Production } from '../loading/loads.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { Namespace } from '../namespace.ts'
import { checkTtl, timeout, whole, type CacheLimits } from '../options.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import { one, type HeaderBag } from './header.ts'
import { requestKey, type HttpCacheOptions, type RequestView } from './request.ts'
import { entityTag, forbidsStoring, judge, matchesEtag, variantKey, type Produced } from './response.ts'
import { Signpost } from './signpost.ts'
import { StoredResponse } from './stored.ts'
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
const DEFAULT_BODY_BYTES = 1_048_576
const DEFAULT_WAIT_MS = 10_000

export interface Hit {
  kind: 'hit'
  status: number
  headers: Record<string, string | string[]>
  /** Undefined: 304, no body. */
  body: Buffer | undefined
}

export interface Miss {
  kind: 'miss'
  maxBodyBytes: number
  finish(response: Produced): Finished
  /** Too large or a stream: nothing is stored, and others need not wait for one another. */
  pass(): void
  /** Nothing will be stored. Harmless after `finish`. */
  abandon(): void
}

export interface Finished {
  /** To add to the response when its headers are not sent yet. */
  headers: Record<string, string>
  notModified: boolean
  /**
   * Stores the response if it may be stored; to be called once its headers are out. `sent`: those, where layers above
   * could still add to them; a cookie among them forbids storing, too.
   */
  store: (sent?: HeaderBag) => void
}

/** Where the response to a request is, or would be, stored. */
interface Place {
  space: Namespace
  key: string
  /** Of the variant, once it is known by what the response varies; else the key. */
  id: string
  signpost: Signpost | undefined
  response: StoredResponse | undefined
}

/** One request that the handler has to answer. */
interface Exchange {
  place: Place
  view: RequestView
  /** Undefined: another request produces this response; ours is not stored. */
  production: Production | undefined
}

/** HTTP semantics over a cache, independent of the framework. */
export class ResponseCache<Request> {
  readonly #parts: CacheParts
  readonly #namespace: string
  readonly #options: HttpCacheOptions<Request>
  readonly #waitMs: number
  readonly #maxBodyBytes: number
  readonly #browserMaxAgeS: number

  /** @throws CACHE_TTL_INVALID, CACHE_OPTION_INVALID, CACHE_NAMESPACE_INVALID */
  constructor(parts: CacheParts, namespace: string, options: HttpCacheOptions<Request>) {
    this.#parts = parts
    this.#namespace = namespace
    this.#options = options
    if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
    this.#waitMs = timeout('waitMs', options.waitMs ?? DEFAULT_WAIT_MS)
    this.#maxBodyBytes = whole('maxBodyBytes', options.maxBodyBytes ?? DEFAULT_BODY_BYTES)
    this.#browserMaxAgeS = whole('browserMaxAgeS', options.browserMaxAgeS ?? 0, 0)
    parts.tier.open(namespace)
  }

  /** Undefined: this request has nothing to do with the cache. */
  async look(view: RequestView, request: Request): Promise<Hit | Miss | undefined> {
    const { loads, limits, tier } = this.#parts
    const key = requestKey(view, request, this.#options)
    if (key === undefined || key.length > limits.maxKeyLength) return undefined
    const space = tier.open(this.#namespace)
    const until = limits.clock.monotonic() + this.#waitMs
    for (let first = true; ; first = false) {
      const place = this.#find(space, key, view)
      if (place.id.length > limits.maxKeyLength) return undefined
      if (place.response !== undefined) {
        space.hit()
        return this.#hit(place.response, view)
      }
      const passes = place.signpost !== undefined && place.signpost.vary === undefined
      const running = passes ? undefined : loads.running(space, place.id)
      const leftMs = until - limits.clock.monotonic()
      if (running === undefined || leftMs <= 0) {
        space.miss()
        const tags = this.#options.tags?.(request) ?? []
        // In the same turn as `running`: if the one that produced the response gave up, one of those who waited takes
        // its place, and the others wait for that one.
        return this.#miss({ place, view, production: loads.produce(space, place.id, tags) })
      }
      if (first) space.stampedesAvoided.add()
      await settledWithin(running.done, leftMs, limits.clock)
    }
  }

  #find(space: Namespace, key: string, view: RequestView): Place {
    const base = this.#read(space, key)
    if (base instanceof StoredResponse) return { space, key, id: key, signpost: undefined, response: base }
    const signpost = base instanceof Signpost ? base : undefined
    if (signpost?.vary === undefined) return { space, key, id: key, signpost, response: undefined }
    const id = variantKey(`${key} ${signpost.generation}`, signpost.vary, view.headers)
    const found = id.length > this.#parts.limits.maxKeyLength ? undefined : this.#read(space, id)
    return { space, key, id, signpost, response: found instanceof StoredResponse ? found : undefined }
  }

  #read(space: Namespace, key: string): unknown {
    const entry = this.#parts.tier.live(space, key)
    if (entry !== undefined) this.#parts.tier.touch(entry)
    return entry?.value
  }

  #hit(stored: StoredResponse, view: RequestView): Hit {
    const heldS = Math.max(0, Math.floor((this.#parts.limits.clock.now() - stored.storedAt) / 1_000))
    const headers = {
      ...stored.headers,
      etag: stored.etag,
      age: String(stored.ageS + heldS),
      'x-cache': 'HIT',
    }
    if (stored.status >= 300 || !matchesEtag(view.headers['if-none-match'], stored.etag)) {
      return { kind: 'hit', status: stored.status, headers, body: stored.body }
    }
    return { kind: 'hit', status: 304, headers: withoutContent(headers), body: undefined }
  }

  #miss(exchange: Exchange): Miss {
    const { production, place, view } = exchange
    const ifNoneMatch = view.headers['if-none-match']
    const pass = (): void => {
      production?.store(new Signpost(undefined), { ttlMs: PASS_MS, id: place.key })
      production?.end()
    }
    return {
      kind: 'miss',
      maxBodyBytes: this.#maxBodyBytes,
      finish: (response) => {
        const { limits } = this.#parts
        const ttlMs = this.#options.ttlMs ?? place.space.ttlMs
        const now = limits.clock.now()
        const verdict = judge(response, { ...this.#options, ttlMs, now })
        if (verdict.ttlMs === undefined) {
          return { headers: { 'x-cache': 'BYPASS' }, notModified: false, store: pass }
        }
        const { status, headers } = response
        const etag = one(headers.etag) ?? entityTag(response.body)
        const added: Record<string, string> = { etag, 'x-cache': 'MISS' }
        if (headers['cache-control'] === undefined) added['cache-control'] = this.#cacheControl()
        const kept = { date: new Date(now).toUTCString(), ...headers, ...added }
        return {
          headers: added,
          notModified: status === 200 && matchesEtag(ifNoneMatch, etag),
          store: (sent = {}) => {
            if (forbidsStoring(sent, this.#options)) return pass()
            const stored = new StoredResponse({ ...response, headers: kept }, etag, now)
            this.#store(exchange, stored, { vary: verdict.vary, ttlMs: verdict.ttlMs! })
            production?.end()
          },
        }
      },
      pass,
      abandon: () => production?.end(),
    }
  }

  #store(
    { place, view, production }: Exchange,
    stored: StoredResponse,
    { vary, ttlMs }: { vary: readonly string[]; ttlMs: number },
  ): void {
    const { space, key } = place
    // The flight is the variant's: that the whole page was deleted meanwhile shows in its signpost.
    if (place.id !== key && this.#parts.tier.live(space, key)?.value !== place.signpost) return
    if (vary.length === 0) {
      production?.store(stored, { ttlMs, id: key })
      return
    }
    const same = place.id !== key && vary.join() === place.signpost?.vary?.join()
    const signpost = same ? place.signpost! : new Signpost(vary)
    const id = variantKey(`${key} ${signpost.generation}`, vary, view.headers)
    if (id.length > this.#parts.limits.maxKeyLength) return
    if (production?.store(signpost, { ttlMs, id: key }) === true) production.store(stored, { ttlMs, id })
  }

  #cacheControl(): string {
    const who = this.#options.identity === undefined ? 'public' : 'private'
    return `${who}, max-age=${this.#browserMaxAgeS}, must-revalidate`
  }
}

/** A 304 carries no description of content it does not have (RFC 9110, section 15.4.5). */
export function withoutContent<Value>(headers: Record<string, Value>): Record<string, Value> {
  const kept = { ...headers }
  for (const name of ['content-type', 'content-encoding', 'content-language', 'content-length']) {
    delete kept[name]
  }
  return kept
}
