import type { Clock } from '@millrace/core'
import type { Loads, Production } from '../loading/loads.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { Namespace } from '../namespace.ts'
import { checkTtl, type CacheLimits } from '../options.ts'
import { requestKey, type HttpCacheOptions, type RequestView } from './request.ts'
import {
  entityTag,
  judge,
  matchesEtag,
  one,
  storedHeaders,
  variantKey,
  type HeaderBag,
  type StoredResponse,
} from './response.ts'

/** The inside of a cache, for the layers on top of it in this package. */
export interface CacheParts {
  tier: MemoryTier
  loads: Loads
  limits: CacheLimits
}

/** Under the base key: the variants' header names, or that such responses are not cacheable. */
interface Signpost {
  vary: string[]
  pass: boolean
}

/** How long a response that could not be stored lets later requests through without waiting for one another. */
const PASS_MS = 10_000
const DEFAULT_BODY_BYTES = 1_048_576

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
  finish(status: number, headers: HeaderBag, body: Buffer): Finished
  /** Nothing will be stored. Harmless after `finish`. */
  abandon(): void
}

export interface Finished {
  /** To add to the response when its headers are not sent yet. */
  headers: Record<string, string>
  notModified: boolean
}

/** One request that the handler has to answer. */
interface Exchange {
  key: string
  view: RequestView
  /** Undefined: another request produces this response; ours is not stored. */
  production: Production | undefined
  ttlMs: number
}

/** HTTP semantics over a cache, independent of the framework. */
export class ResponseCache<Request> {
  readonly #parts: CacheParts
  readonly #namespace: string
  readonly #options: HttpCacheOptions<Request>

  /** @throws CACHE_TTL_INVALID, CACHE_NAMESPACE_INVALID */
  constructor(parts: CacheParts, namespace: string, options: HttpCacheOptions<Request>) {
    this.#parts = parts
    this.#namespace = namespace
    this.#options = options
    if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
    parts.tier.open(namespace)
  }

  /** Undefined: this request has nothing to do with the cache. */
  async look(view: RequestView, request: Request): Promise<Hit | Miss | undefined> {
    const { loads, limits, tier } = this.#parts
    const key = requestKey(view, request, this.#options)
    if (key === undefined || key.length > limits.maxKeyLength) return undefined
    const space = tier.open(this.#namespace)
    let found = this.#find(space, key, view)
    const running = found === undefined ? loads.running(space, key) : undefined
    if (running !== undefined) {
      space.stampedesAvoided.add()
      await settledWithin(running.done, this.#options.waitMs ?? 10_000, limits.clock)
      found = this.#find(space, key, view)
    }
    if (found !== undefined && found !== 'pass') {
      space.hit()
      return this.#hit(found, view)
    }
    space.miss()
    const tags = this.#options.tags?.(request) ?? []
    const production = loads.produce(space, key, tags)
    return this.#miss({ key, view, production, ttlMs: this.#options.ttlMs ?? space.ttlMs })
  }

  #find(space: Namespace, key: string, view: RequestView): StoredResponse | 'pass' | undefined {
    const base = this.#read(space, key) as StoredResponse | Signpost | undefined
    if (base === undefined || 'body' in base) return base
    if (base.pass) return 'pass'
    const variant = variantKey(key, base.vary, view.headers)
    if (variant.length > this.#parts.limits.maxKeyLength) return undefined
    return this.#read(space, variant) as StoredResponse | undefined
  }

  #read(space: Namespace, key: string): unknown {
    const entry = this.#parts.tier.live(space, key)
    if (entry !== undefined) this.#parts.tier.touch(entry)
    return entry?.value
  }

  #hit(stored: StoredResponse, view: RequestView): Hit {
    const ageS = Math.max(0, Math.floor((this.#parts.limits.clock.now() - stored.storedAt) / 1_000))
    const headers = { ...stored.headers, etag: stored.etag, age: String(ageS), 'x-cache': 'HIT' }
    if (!matchesEtag(view.headers['if-none-match'], stored.etag)) {
      return { kind: 'hit', status: stored.status, headers, body: stored.body }
    }
    return { kind: 'hit', status: 304, headers: withoutContent(headers), body: undefined }
  }

  #miss(exchange: Exchange): Miss {
    const { production } = exchange
    const ifNoneMatch = exchange.view.headers['if-none-match']
    return {
      kind: 'miss',
      maxBodyBytes: this.#options.maxBodyBytes ?? DEFAULT_BODY_BYTES,
      finish: (status, headers, body) => {
        try {
          const added = this.#offer(exchange, { status, headers, body })
          const etag = added.etag ?? one(headers.etag)
          const notModified = status === 200 && etag !== undefined && matchesEtag(ifNoneMatch, etag)
          return { headers: added, notModified }
        } finally {
          production?.end()
        }
      },
      abandon: () => production?.end(),
    }
  }

  /** Stores the response if it may be stored; returns the headers to add to it. */
  #offer(
    { key, view, production, ttlMs }: Exchange,
    response: { status: number; headers: HeaderBag; body: Buffer },
  ): Record<string, string> {
    const { status, headers, body } = response
    const verdict = judge(status, headers, { ...this.#options, ttlMs })
    if (verdict.ttlMs === undefined) {
      const signpost: Signpost = { vary: [], pass: true }
      production?.store(signpost, { ttlMs: PASS_MS })
      return { 'x-cache': 'BYPASS' }
    }
    const etag = one(headers.etag) ?? entityTag(body)
    const added: Record<string, string> = { etag, 'x-cache': 'MISS' }
    if (headers['cache-control'] === undefined) added['cache-control'] = this.#cacheControl()
    if (production === undefined) return added
    const now = this.#parts.limits.clock.now()
    const date = new Date(now).toUTCString()
    const kept = { date, ...storedHeaders({ ...headers, ...added }) }
    const stored: StoredResponse = { status, headers: kept, body, etag, storedAt: now }
    const options = { ttlMs: verdict.ttlMs }
    if (verdict.vary.length === 0) production.store(stored, options)
    else {
      const id = variantKey(key, verdict.vary, view.headers)
      const signpost: Signpost = { vary: verdict.vary, pass: false }
      if (id.length <= this.#parts.limits.maxKeyLength && production.store(signpost, options)) {
        production.store(stored, { ...options, id })
      }
    }
    return added
  }

  #cacheControl(): string {
    const who = this.#options.identity === undefined ? 'public' : 'private'
    return `${who}, max-age=${this.#options.browserMaxAgeS ?? 0}, must-revalidate`
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

async function settledWithin(promise: Promise<unknown>, waitMs: number, clock: Clock): Promise<void> {
  const timer = new AbortController()
  await Promise.race([promise, clock.sleep(waitMs, timer.signal)]).catch(() => undefined)
  timer.abort()
}
