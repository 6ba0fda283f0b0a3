import type { Version } from '../drivers/driver.ts'
import { REMOVED } from '../memory/store.ts'
import type { StoredTerms } from './semantics/reuse.ts'
import type { Validators } from './semantics/conditions.ts'

export interface StoredResponseParts {
  status: number
  /** End-to-end fields only, without `Age` and `Content-Length`. */
  rawHeaders: readonly string[]
  body: Buffer
  /** When its age was 0, on the monotonic clock: it may lie before the process began. */
  bornAt: number
  /** How old it was when it came. */
  initialAgeMs: number
  terms: StoredTerms
  validators: Validators
  /** Invalidating one of them removes the response. */
  tags: readonly string[]
  /** Invalidating one of these makes it stale. */
  softTags: readonly string[]
}

/** The fields that say that it was a hit, raw; given the seconds of freshness left. */
export type HitLabel = (ttlS: number) => readonly string[]

const MAX_TEXT_BYTES = 16_384

/**
 * A response as it is stored: what a hit sends again. A class, because values of the library may stand under the same
 * namespace and key. Everything that does not depend on the request is worked out once, and what depends on the age once
 * a second.
 */
export class StoredResponse {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly bornAt: number
  readonly initialAgeMs: number
  readonly terms: StoredTerms
  readonly validators: Validators
  readonly tags: readonly string[]
  readonly softTags: readonly string[]
  /** Version of the invalidation log up to which nobody asked for it to count as stale. */
  softVersion = 0
  /** The address's variants, one of which it is. */
  variants: Set<string> | undefined
  /** Of the shared tier when it was stored or read there: what renews it in the background may be stored with it. */
  sharedVersion: Version | undefined
  readonly #complete: readonly string[]
  #second = -1
  #text: string | undefined
  #label: HitLabel | undefined
  #prepared: readonly string[] = []

  constructor(parts: StoredResponseParts) {
    this.status = parts.status
    this.rawHeaders = parts.rawHeaders
    this.body = alone(parts.body)
    this.bornAt = parts.bornAt
    this.initialAgeMs = parts.initialAgeMs
    this.terms = parts.terms
    this.validators = parts.validators
    this.tags = parts.tags
    this.softTags = parts.softTags
    const hasContent = parts.status >= 200 && parts.status !== 204 && parts.status !== 304
    this.#complete = hasContent
      ? [...parts.rawHeaders, 'content-length', String(this.body.byteLength)]
      : parts.rawHeaders
  }

  /** A name that nothing stands behind any more would take memory that nobody counts. */
  [REMOVED](id: string): void {
    this.variants?.delete(id)
  }

  ageMs(now: number): number {
    return Math.max(0, now - this.bornAt)
  }

  /** The whole raw list for an answer of that age. */
  headersAt(ageMs: number, extra: readonly string[]): string[] {
    return [...this.#complete, 'age', String(Math.floor(ageMs / 1_000)), ...extra]
  }

  /** The same for a hit, worked out once a second. Treat it as frozen. */
  hitHeaders(ageMs: number, label: HitLabel): readonly string[] {
    const second = Math.floor(ageMs / 1_000)
    if (second !== this.#second || label !== this.#label) {
      this.#second = second
      this.#label = label
      this.#prepared = this.headersAt(ageMs, label(Math.floor((this.terms.lifetimeMs - ageMs) / 1_000)))
    }
    return this.#prepared
  }

  /**
   * The body with one character per byte (`latin1`), where it is short: Node sends headers and a text in one piece, but a
   * buffer in two, which costs more than half of a hit.
   */
  get text(): string | undefined {
    if (this.body.byteLength > MAX_TEXT_BYTES) return undefined
    return (this.#text ??= this.body.toString('latin1'))
  }

  /** Estimated memory, besides the key's. */
  get bytes(): number {
    let characters = 0
    for (const text of this.rawHeaders) characters += text.length + 32
    const { byteLength } = this.body
    return 600 + characters * 3 + byteLength * (byteLength > MAX_TEXT_BYTES ? 1 : 2)
  }

  /** The same response with other fields and terms, as after a 304. */
  with(parts: Partial<StoredResponseParts>): StoredResponse {
    const { status, rawHeaders, body, bornAt, initialAgeMs, terms, validators, tags, softTags } = this
    const own = { status, rawHeaders, body, bornAt, initialAgeMs, terms, validators, tags, softTags }
    return new StoredResponse({ ...own, ...parts })
  }
}

/** In memory of its own: a few bytes cut from Node's pool would keep all 64 KiB of it. */
function alone(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.byteLength) return body
  const copy = Buffer.allocUnsafeSlow(body.byteLength)
  body.copy(copy)
  return copy
}
