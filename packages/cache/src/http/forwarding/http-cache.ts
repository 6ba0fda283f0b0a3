import type {
  HttpCache,
  HttpCacheAnswer,
  HttpCacheFetch,
  HttpCacheLookup,
  HttpCachePass,
  HttpCacheRequest,
  HttpCacheStats,
  HttpPurge,
} from '@millrace/core'
import type { Version } from '../../drivers/driver.ts'
import type { Flight } from '../../loading/flight.ts'
import type { SharedTier } from '../../shared/shared-tier.ts'
import { cacheStatus } from '../semantics/cache-status.ts'
import { fieldsOf } from '../semantics/fields.ts'
import { invalidatedBy, isSafe } from '../semantics/invalidation.ts'
import { isFor, reuseOf } from '../semantics/reuse.ts'
import type { HitLabel } from '../stored-response.ts'
import { withoutParameters } from '../query.ts'
import { settledWithin } from '../waiting.ts'
import { answerFrom, notCached, withRenewal } from './answers.ts'
import { MAX_KEY_LENGTH, RequestReader, siteOf, type Asked } from './asked.ts'
import { Exchange } from './exchange.ts'
import { headUpdate } from './head.ts'
import { addressTags, pathTag, urlTag } from './names.ts'
import { reasonOf, usable } from './places.ts'
import type { Place } from '../responses.ts'
import type { Service } from './service.ts'

/** A shared cache for whoever forwards requests, by RFC 9111; see the port for how it is used. */
export class ForwardingCache implements HttpCache {
  readonly #service: Service
  readonly #reader: RequestReader
  readonly #hitLabel: HitLabel
  readonly #closeTier: () => Promise<void>

  constructor(service: Service, close: () => Promise<void>) {
    const { name } = service.settings
    this.#service = service
    this.#reader = new RequestReader(service.settings)
    this.#closeTier = close
    this.#hitLabel = (ttlS) => ['cache-status', `${name}; hit; ttl=${ttlS}`]
  }

  lookup(request: HttpCacheRequest): HttpCacheLookup | Promise<HttpCacheLookup> {
    const asked = this.#reader.read(request)
    if (asked === undefined || asked.key.length > MAX_KEY_LENGTH || asked.control?.noStore === true) {
      return this.#bypass(request)
    }
    const place = this.#service.responses.find(asked)
    if (place.id.length > MAX_KEY_LENGTH) return this.#bypass(request)
    const answer = this.#stored(asked, place, false)
    if (answer !== undefined) return answer
    const { shared } = this.#service.responses
    if (shared?.available !== true || asked.precondition || this.#service.isPass(asked, place)) {
      return this.#absent(asked, place, undefined)
    }
    return this.#elsewhere(asked, shared)
  }

  /** Another process may have stored it. */
  async #elsewhere(asked: Asked, shared: SharedTier): Promise<HttpCacheLookup> {
    const { responses } = this.#service
    const version = await responses.bring(asked, shared)
    const place = responses.find(asked)
    return this.#stored(asked, place, false) ?? this.#absent(asked, place, version)
  }

  /** What is stored, if it may be used. */
  #stored(asked: Asked, place: Place, collapsed: boolean): HttpCacheAnswer | undefined {
    const { response } = place
    if (response === undefined || asked.precondition || !isFor(response.terms, asked.credentials))
      return undefined
    const { responses, clock } = this.#service
    const ageMs = response.ageMs(clock.monotonic())
    const { terms } = response
    // Purged softly: as if its time were over at this moment.
    const lifetimeMs = responses.isCurrent(response) ? terms.lifetimeMs : Math.min(terms.lifetimeMs, ageMs)
    const reuse = reuseOf(terms, lifetimeMs, ageMs, asked.control)
    if (reuse === 'validate') return undefined
    responses.space.hit()
    const answer = answerFrom(response, asked, {
      ageMs,
      label: collapsed ? this.#collapsedLabel : this.#hitLabel,
      cacheStatus: reuse === 'fresh' ? 'hit' : 'stale',
      now: asked.conditional ? clock.now() : 0,
    })
    return reuse === 'renew' ? withRenewal(answer, this.#renewal(asked, place)) : answer
  }

  readonly #collapsedLabel: HitLabel = (ttlS) => [
    'cache-status',
    cacheStatus(this.#service.settings.name, { hit: true, ttlS, collapsed: true }),
  ]

  #absent(
    asked: Asked,
    place: Place,
    version: Version | undefined,
  ): HttpCacheLookup | Promise<HttpCacheLookup> {
    const { name } = this.#service.settings
    this.#service.responses.space.miss()
    if (asked.control?.onlyIfCached === true) {
      return notCached(cacheStatus(name, { forwarded: 'uri-miss', detail: 'only-if-cached' }))
    }
    if (asked.head || asked.ranged || asked.precondition) return this.#aside(asked, place)
    const running = this.#service.isPass(asked, place) ? undefined : this.#service.responses.running(place)
    return running === undefined
      ? this.#fetch(asked, place, version, false)
      : this.#wait(asked, running, version)
  }

  /** Behind a fetch of the same response, as long as there is one and not too long. */
  async #wait(asked: Asked, first: Flight, version: Version | undefined): Promise<HttpCacheLookup> {
    const { responses, clock, settings } = this.#service
    responses.space.stampedesAvoided.add()
    const until = clock.monotonic() + settings.waitMs
    const before = responses.find(asked).response
    let running: Flight | undefined = first
    for (;;) {
      const leftMs = until - clock.monotonic()
      if (leftMs > 0) await settledWithin(running.done, leftMs, clock)
      const place = responses.find(asked)
      const answer = this.#stored(asked, place, true)
      if (answer !== undefined) return answer
      const { response } = place
      // It came, and must be confirmed for each of them: in a row they would wait for nothing.
      const eachForItself =
        response !== undefined && response !== before && isFor(response.terms, asked.credentials)
      const alone = eachForItself || this.#service.isPass(asked, place)
      running = alone ? undefined : responses.running(place)
      // In the same turn as `running`: one of those who waited takes the place of the one that gave up.
      if (running === undefined || leftMs <= 0) return this.#fetch(asked, place, version, true)
    }
  }

  #fetch(asked: Asked, found: Place, version: Version | undefined, collapsed: boolean): HttpCacheFetch {
    const { responses } = this.#service
    const place = usable(found, asked)
    const tags = this.#tags(asked)
    // In passing, too, one at a time may find that the response can be stored after all.
    const flight = responses.running(place) === undefined ? responses.depart(place, tags) : undefined
    const reason = reasonOf(found, asked)
    return new Exchange(this.#service, { asked, place, flight, reason, collapsed, tags, version })
  }

  #renewal(asked: Asked, place: Place): HttpCacheFetch | undefined {
    const { responses } = this.#service
    if (responses.running(place) !== undefined) return undefined
    const tags = this.#tags(asked)
    const flight = responses.depart(place, tags)
    const version = place.response?.sharedVersion
    return new Exchange(this.#service, {
      asked,
      place,
      flight,
      reason: 'stale',
      collapsed: false,
      tags,
      version,
    })
  }

  /** HEAD, a part, a precondition: the origin answers, and nothing is stored of it. */
  #aside(asked: Asked, place: Place): HttpCachePass {
    return {
      kind: 'pass',
      responded: (status, rawHeaders) => {
        if (asked.head && place.response !== undefined)
          headUpdate(this.#service, asked, place, status, rawHeaders)
      },
    }
  }

  #bypass(request: HttpCacheRequest): HttpCachePass {
    return {
      kind: 'pass',
      responded: (status, rawHeaders) => {
        if (!isSafe(request.method)) this.#invalidate(request, status, rawHeaders)
      },
    }
  }

  /** After a change that succeeded (RFC 9111, section 4.4). */
  #invalidate(request: HttpCacheRequest, status: number, rawHeaders: readonly string[]): void {
    const site = siteOf(request.scheme, request.host)
    const url = site === undefined ? null : URL.parse(request.target, site)
    if (site === undefined || url === null) return
    const stale = invalidatedBy(url, status, fieldsOf(rawHeaders))
    if (stale.length === 0) return
    const targets = [request.target, ...stale.slice(1).map(({ pathname, search }) => pathname + search)]
    for (const target of targets) this.#forget(site, this.#path(target))
  }

  /**
   * By key, as long as the keys are known: changes are many, and the log that remembers tags is finite. Every variant stands
   * behind the key.
   */
  #forget(site: string, path: string): void {
    const { purges } = this.#service.responses
    const keys = this.#reader.keysOf(site, path)
    if (keys === undefined) void purges.tags([urlTag(site + path)], false)
    else for (const key of keys) if (key.length <= MAX_KEY_LENGTH) void purges.remove(key)
  }

  #tags({ request, path }: Asked): readonly string[] {
    return addressTags(siteOf(request.scheme, request.host)!, path)
  }

  /** As requests are keyed: without the parameters that do not count. */
  #path(target: string): string {
    return withoutParameters(target, this.#service.settings.ignoreQuery) ?? target
  }

  async purge(what: HttpPurge): Promise<void> {
    const { responses } = this.#service
    const soft = what.soft === true
    if ('all' in what) await responses.purges.all(soft)
    else if ('keys' in what) await responses.purges.tags(what.keys, soft)
    else if ('paths' in what)
      await responses.purges.tags(
        what.paths.map((path) => pathTag(this.#path(path))),
        soft,
      )
    else if ('prefix' in what) await responses.purges.prefix(canonicalPrefix(what.prefix), soft)
    else await responses.purges.tags([urlTag(this.#path(canonical(what.url)))], soft)
  }

  stats(): HttpCacheStats {
    const { entries, bytes, maxBytes } = this.#service.responses.tier.stats()
    return { entries, bytes, maxBytes }
  }

  close(): Promise<void> {
    return this.#closeTier()
  }
}

/** A path on every host stands as it is. */
const canonicalPrefix = (prefix: string): string => (prefix.startsWith('/') ? prefix : canonical(prefix))

/** As a request for it would be keyed. */
function canonical(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return url
  const slash = url.indexOf('/', url.indexOf('://') + 3)
  const target = slash < 0 ? '/' : url.slice(slash).split('#', 1)[0]!
  return `${siteOf(parsed.protocol.slice(0, -1), parsed.host) ?? ''}${target}`
}
