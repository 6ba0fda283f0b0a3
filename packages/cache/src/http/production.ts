import type { Version } from '../drivers/driver.ts'
import type { Flight } from '../loading/flight.ts'
import type { CacheLimits } from '../options.ts'
import { fieldsOfBag, one, rawHeadersOf, type HeaderBag } from './header.ts'
import type { Passes } from './passes.ts'
import type { ResolvedHttpOptions } from './request.ts'
import { entityTag, forbidsStoring, isStorable, judge, type Produced, type Verdict } from './response.ts'
import type { Keyed, Place, Responses } from './responses.ts'
import { parseCacheControl } from './semantics/cache-control.ts'
import { isConditional, isNotModified, validatorsOf } from './semantics/conditions.ts'
import { isEventStream, type Fields } from './semantics/fields.ts'
import { isFailure, termsOf } from './semantics/reuse.ts'
import { storedFields } from './semantics/stored-fields.ts'
import { StoredResponse } from './stored-response.ts'

export interface Hit {
  kind: 'hit'
  status: number
  /** Names in lower case and values in turn. */
  rawHeaders: readonly string[]
  /** Undefined: 304, no body. */
  body: Buffer | undefined
  /** The same as `latin1`, where that is cheaper to send. */
  text: string | undefined
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

/** What a production needs of the cache that it is for. */
export interface Workshop {
  limits: CacheLimits
  options: Omit<ResolvedHttpOptions<never>, 'identity' | 'tags' | 'key'> & { identity?: unknown }
  responses: Responses
  passes: Passes
  /** What may be sent in place of a failure. */
  instead: (conditions: Fields) => Hit | undefined
}

export interface Order {
  asked: Keyed
  place: Place
  /** Undefined: another request produces this response; ours is not stored. */
  flight: Flight | undefined
  version: Version | undefined
  tags: readonly string[]
}

const NOT_SENT_AGAIN = ['x-cache']

/** One request that the handler has to answer. */
export class Production {
  readonly kind = 'miss'
  readonly #shop: Workshop
  readonly #order: Order

  constructor(shop: Workshop, order: Order) {
    this.#shop = shop
    this.#order = order
  }

  get maxBodyBytes(): number {
    return this.#shop.options.maxBodyBytes
  }

  /** Too large or a stream: nothing is stored, and others need not wait for one another. */
  pass(): void {
    const { flight, place } = this.#order
    if (flight !== undefined) this.#shop.passes.mark(place.id)
    this.abandon()
  }

  /** Whether a head alone shows that nothing will be stored of it, nor anything sent in its place. */
  isHopeless(status: number, headers: HeaderBag): boolean {
    return isEventStream(one(headers['content-type'])) || !isStorable(status, headers, this.#shop.options)
  }

  /** Nothing will be stored. Harmless after `finish`. */
  abandon(): void {
    const { flight, place } = this.#order
    if (flight !== undefined) this.#shop.responses.land(place, flight)
  }

  /** `conditions`: what the visitor has already. */
  finish(response: Produced, conditions: Fields): Finished {
    const { limits, options, responses } = this.#shop
    const now = limits.clock.now()
    const instead = isFailure(response.status) ? this.#shop.instead(conditions) : undefined
    if (instead !== undefined)
      return { instead, headers: {}, notModified: false, store: () => this.abandon() }
    const verdict = judge(response, { ...options, ttlMs: options.ttlMs ?? responses.space.ttlMs, now })
    if (verdict === undefined) {
      return { instead, headers: { 'x-cache': 'BYPASS' }, notModified: false, store: () => this.pass() }
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
        if (forbidsStoring(sent, options)) return this.pass()
        const stated = one(headers['cache-control'])
        this.#store({ status, headers: kept, body: response.body }, verdict, stated)
        return this.abandon()
      },
    }
  }

  #store({ status, headers, body }: Produced, verdict: Verdict, stated: string | undefined): void {
    const { limits, options, responses } = this.#shop
    const { asked, flight, place, tags, version } = this.#order
    if (flight === undefined) return
    const { clock } = limits
    const { ageMs, freshMs, vary } = verdict
    const control = parseCacheControl(stated)
    const terms = termsOf(control, ageMs + freshMs, {
      whileRevalidateMs: options.staleWhileRevalidateMs,
      ifErrorMs: options.staleIfErrorMs,
    })
    const fields = fieldsOfBag(headers)
    const withheld = [...control.withheld, ...NOT_SENT_AGAIN]
    const response = new StoredResponse({
      status,
      rawHeaders: storedFields(rawHeadersOf(headers), fields, { withheld, dropSetCookie: true }),
      body,
      bornAt: clock.monotonic() - ageMs,
      initialAgeMs: ageMs,
      terms,
      validators: validatorsOf(fields, clock.now()),
      tags,
      softTags: [],
    })
    const keepMs = freshMs + Math.max(terms.whileRevalidateMs, terms.ifErrorMs)
    responses.store(place, flight, asked, {
      response,
      vary,
      keepMs,
      version,
      maxIdLength: limits.maxKeyLength,
    })
  }

  #cacheControl(): string {
    const { browserMaxAgeS, identity } = this.#shop.options
    return `${identity === undefined ? 'public' : 'private'}, max-age=${browserMaxAgeS}, must-revalidate`
  }
}
