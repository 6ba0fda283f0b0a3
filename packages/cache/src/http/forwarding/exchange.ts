import type { HttpCacheAnswer, HttpCacheDecision, HttpCacheFetch } from '@millrace/core'
import type { Version } from '../../drivers/driver.ts'
import type { Flight } from '../../loading/flight.ts'
import { cacheStatus, type CacheStatusDetails, type Forwarded } from '../semantics/cache-status.ts'
import { confirms, validatorsOf } from '../semantics/conditions.ts'
import { field, fieldsOf } from '../semantics/fields.ts'
import { isFailure, mayServeOnError } from '../semantics/reuse.ts'
import { updatedFields } from '../semantics/stored-fields.ts'
import { SURROGATE_KEY_FIELDS } from '../semantics/surrogate-keys.ts'
import { StoredResponse } from '../stored-response.ts'
import { answerFrom } from './answers.ts'
import { MAX_KEY_LENGTH, type Asked } from './asked.ts'
import { judge, type Storable } from './judgement.ts'
import type { Place } from '../responses.ts'
import { usable } from './places.ts'
import { conditional, endToEnd, withoutDate } from './request-fields.ts'
import type { Service } from './service.ts'

export interface Errand {
  asked: Asked
  place: Place
  /** Others may wait for it. Undefined: another fetch does that, and what this one brings is not stored. */
  flight: Flight | undefined
  reason: Forwarded
  /** Waited for another one before. */
  collapsed: boolean
  /** Of the address. */
  tags: readonly string[]
  /** Of the shared tier, from before the origin is asked. */
  version: Version | undefined
}

type State = 'open' | 'recording' | 'over'

/** One request to the origin on behalf of a visitor, or of the cache. */
export class Exchange implements HttpCacheFetch {
  readonly kind = 'fetch'
  readonly rawHeaders: readonly string[]
  readonly #service: Service
  readonly #errand: Errand
  readonly #requestedAt: number
  #state: State = 'open'
  #storable: Storable | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #expectedBytes: number | undefined

  constructor(service: Service, errand: Errand) {
    this.#service = service
    this.#errand = errand
    this.#requestedAt = service.clock.now()
    this.rawHeaders = conditional(errand.asked.request.rawHeaders, errand.place.response)
  }

  responded(status: number, rawHeaders: readonly string[]): HttpCacheDecision {
    const stored = this.#errand.place.response
    if (stored !== undefined && status === 304) return this.#confirmed(stored, rawHeaders)
    if (isFailure(status)) {
      const stale = this.#onError(status)
      if (stale !== undefined) return stale
    }
    const judged = this.#judge(status, rawHeaders)
    if (typeof judged === 'string') return this.#forward(status, rawHeaders, judged)
    const length = field(fieldsOf(rawHeaders), 'content-length')
    if (length !== undefined) this.#expectedBytes = Number(length)
    if ((this.#expectedBytes ?? 0) > this.#service.settings.maxBodyBytes) {
      return this.#forward(status, rawHeaders, 'body-size')
    }
    if (this.#errand.flight === undefined) {
      this.#state = 'over'
      return this.#decision('forward', status, rawHeaders, {})
    }
    this.#storable = judged
    this.#state = 'recording'
    return this.#decision('record', status, rawHeaders, { stored: true })
  }

  write(chunk: Buffer): boolean {
    if (this.#state !== 'recording') return false
    this.#bytes += chunk.byteLength
    this.#service.recordingBytes += chunk.byteLength
    const { maxBodyBytes, maxBytes } = this.#service.settings
    // Recordings are held as long as their visitors take: together they get no more memory than what is stored.
    if (this.#bytes > maxBodyBytes || this.#service.recordingBytes > maxBytes) {
      this.#pass()
      return false
    }
    this.#chunks.push(chunk)
    return true
  }

  end(): void {
    if (this.#state !== 'recording') return
    // Cut short: what is missing would be missing for everybody (RFC 9111, section 3.3).
    const whole = this.#expectedBytes === undefined || this.#expectedBytes === this.#bytes
    if (whole) this.#store(this.#storable!, Buffer.concat(this.#chunks))
    this.#over()
  }

  fail(): HttpCacheAnswer | undefined {
    if (this.#state === 'over') return undefined
    const before = this.#state === 'open'
    const stale = before ? this.#onError(undefined) : undefined
    this.#over()
    return stale
  }

  #judge(
    status: number,
    rawHeaders: readonly string[],
    tags: readonly string[] = this.#errand.tags,
  ): Storable | string {
    const { clock, settings } = this.#service
    const respondedAt = clock.now()
    const exchanged = { requestedAt: Math.min(this.#requestedAt, respondedAt), respondedAt }
    const { credentials } = this.#errand.asked
    return judge({ status, rawHeaders, credentials, exchanged, now: clock.monotonic(), tags }, settings)
  }

  /** The origin confirmed what is stored (RFC 9111, section 4.3.4). */
  #confirmed(stored: StoredResponse, rawHeaders: readonly string[]): HttpCacheAnswer {
    const { asked, place, flight } = this.#errand
    const { clock, responses } = this.#service
    let current = stored
    if (!confirms(fieldsOf(rawHeaders), stored.validators, clock.now())) {
      // It speaks of something else, in spite of what it was asked: this once, and never again.
      void responses.purges.remove(place.id)
    } else {
      // The 304's own age and date count, not those of the response that it confirms.
      const updated = updatedFields(withoutDate(stored.rawHeaders, rawHeaders), rawHeaders)
      // Its surrogate keys are not among its fields any more, and a 304 need not repeat them.
      const judged = this.#judge(stored.status, updated, stored.tags)
      if (typeof judged === 'string') {
        const { respondedAt, now } = { respondedAt: clock.now(), now: clock.monotonic() }
        const validators = validatorsOf(fieldsOf(updated), respondedAt)
        const shown = endToEnd(updated, this.#service.settings.surrogateKeys)
        current = stored.with({ rawHeaders: shown, validators, bornAt: now })
        void responses.purges.remove(place.id)
      } else {
        current = new StoredResponse({ ...judged.parts, body: stored.body })
        if (flight !== undefined) this.#keep(judged, current)
      }
    }
    const details: CacheStatusDetails = { forwarded: this.#errand.reason, forwardedStatus: 304 }
    const answer = answerFrom(current, asked, {
      ageMs: current.ageMs(clock.monotonic()),
      label: () => ['cache-status', cacheStatus(this.#service.settings.name, details)],
      cacheStatus: 'revalidated',
      now: clock.now(),
    })
    this.#over()
    return answer
  }

  #onError(status: number | undefined): HttpCacheAnswer | undefined {
    const { asked } = this.#errand
    const { clock, settings, responses } = this.#service
    // As it is now: what was purged while the origin was asked is not served in place of an error either.
    const stored = usable(responses.find(asked), asked).response
    if (stored === undefined) return undefined
    const ageMs = stored.ageMs(clock.monotonic())
    if (!mayServeOnError(stored.terms, ageMs, asked.control)) return undefined
    const details: CacheStatusDetails = {
      hit: true,
      ttlS: Math.floor((stored.terms.lifetimeMs - ageMs) / 1_000),
      detail: status === undefined ? 'if-error' : `if-error-${status}`,
    }
    const answer = answerFrom(stored, asked, {
      ageMs,
      label: () => ['cache-status', cacheStatus(settings.name, details)],
      cacheStatus: 'stale',
      now: clock.now(),
    })
    this.#over()
    return answer
  }

  #forward(status: number, rawHeaders: readonly string[], why: string): HttpCacheDecision {
    this.#pass()
    return this.#decision('forward', status, rawHeaders, { detail: why })
  }

  #decision(
    kind: 'forward' | 'record',
    status: number,
    rawHeaders: readonly string[],
    more: CacheStatusDetails,
  ): HttpCacheDecision {
    const { reason, collapsed } = this.#errand
    const details = { forwarded: reason, forwardedStatus: status, collapsed, ...more }
    return {
      kind,
      addHeaders: ['cache-status', cacheStatus(this.#service.settings.name, details)],
      ...(this.#service.settings.surrogateKeys === 'remove' && { dropHeaders: SURROGATE_KEY_FIELDS }),
    }
  }

  #store(storable: Storable, body: Buffer): void {
    this.#keep(storable, new StoredResponse({ ...storable.parts, body }))
  }

  #keep({ vary, keepMs }: Storable, response: StoredResponse): void {
    const { asked, flight, place, version } = this.#errand
    if (
      this.#service.responses.store(place, flight!, asked, {
        response,
        vary,
        keepMs,
        version,
        maxIdLength: MAX_KEY_LENGTH,
      })
    ) {
      this.#service.passes.clear(place.id)
    }
  }

  /** Nothing is stored: those who wait go on at once, and those to come do not wait for one another for a while. */
  #pass(): void {
    this.#service.markPass(this.#errand.asked, this.#errand.place)
    this.#over()
  }

  #over(): void {
    this.#state = 'over'
    this.#service.recordingBytes -= this.#bytes
    this.#bytes = 0
    this.#chunks = []
    const { flight, place } = this.#errand
    if (flight !== undefined) this.#service.responses.land(place, flight)
  }
}
