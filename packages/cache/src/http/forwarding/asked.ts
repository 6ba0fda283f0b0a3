import type { HttpCacheRequest } from '@millrace/core'
import { requestControl, type CacheControl } from '../semantics/cache-control.ts'
import { field, fieldsOf, type Fields } from '../semantics/fields.ts'
import { IDENTITY_FIELDS, type RequestCredentials } from '../semantics/storing.ts'
import { withoutParameters } from '../query.ts'
import { unsaidValue } from '../request.ts'
import type { HttpCacheSettings } from './options.ts'

/** A request that the cache may answer, as far as it matters here. */
export interface Asked {
  readonly request: HttpCacheRequest
  /** Of everything that may be stored for this address. No part that comes from outside contains a space. */
  readonly key: string
  /** Path and query, without the parameters that do not count. */
  readonly path: string
  readonly head: boolean
  /** Undefined: none, or they do not count. */
  readonly control: CacheControl | undefined
  readonly credentials: RequestCredentials
  /** Has a `Range`, an `If-None-Match` or the like: more to decide than whether something is stored. */
  readonly conditional: boolean
  readonly ranged: boolean
  /**
   * `If-Match`, `If-Unmodified-Since`, or a body, which nobody keys by and applications may read all the same: only the
   * origin can tell.
   */
  readonly precondition: boolean
  /** All of its fields; worked out when first asked for. */
  fields(): Fields
}

/** Characters of a key, that of a variant included; a request that would need more is not for the cache. */
export const MAX_KEY_LENGTH = 8_192

const MAX_SUFFIXES = 16

/** What a host looks like; anything else is not for a cache. */
const HOST = /^[a-z0-9._:[\]-]{1,255}$/

/** Bits of what was seen among the fields. */
const CONTROL = 1
const COOKIE = 2
const AUTHORIZATION = 4
const CONDITION = 8
const RANGE = 16
const PRECONDITION = 32
const KEYED = 64
const LENGTH = 128

const FLAGS: readonly (readonly [string, number])[] = [
  ['cache-control', CONTROL],
  ['pragma', CONTROL],
  ['cookie', COOKIE],
  ['authorization', AUTHORIZATION],
  ...IDENTITY_FIELDS.map((name) => [name, AUTHORIZATION] as const),
  ['if-none-match', CONDITION],
  ['if-modified-since', CONDITION],
  ['range', RANGE],
  ['if-match', PRECONDITION],
  ['if-unmodified-since', PRECONDITION],
  ['transfer-encoding', PRECONDITION],
  ['content-length', LENGTH],
]

/** Reads requests: one pass over the fields, and nothing is worked out that a plain GET does not need. */
export class RequestReader {
  readonly #settings: HttpCacheSettings
  readonly #flags: ReadonlyMap<string, number>
  readonly #keyFields: readonly string[]
  /** By length: most fields need not be put into lower case to see that they do not matter. */
  readonly #lengths: readonly boolean[]
  /** What keys have ended in so far, besides nothing; proxies in front send the same few values. Undefined: too many. */
  #suffixes: Set<string> | undefined = new Set()

  constructor(settings: HttpCacheSettings) {
    this.#settings = settings
    // Applications that see fields as CGI variables cannot tell hyphens from underscores.
    this.#keyFields = settings.keyHeaders.flatMap((name) =>
      name.includes('-') ? [name, name.replaceAll('-', '_')] : [name],
    )
    const flags = new Map<string, number>(this.#keyFields.map((name) => [name, KEYED]))
    // These last: what a field means for RFC 9111 cannot be configured away.
    for (const [name, flag] of FLAGS) flags.set(name, flag)
    this.#flags = flags
    const lengths: boolean[] = Array.from({ length: 129 }, () => false)
    for (const name of flags.keys()) lengths[name.length] = true
    this.#lengths = lengths
  }

  /** Undefined: no request for a cache. */
  read(request: HttpCacheRequest): Asked | undefined {
    const { method, target, rawHeaders } = request
    if ((method !== 'GET' && method !== 'HEAD') || target.charCodeAt(0) !== 47) return undefined
    const site = this.#site(request)
    if (site === undefined) return undefined
    const seen = this.#look(request)
    let fields: Fields | undefined
    const all = (): Fields => (fields ??= fieldsOf(rawHeaders))
    const path =
      this.#settings.ignoreQuery.length === 0 ? target : withoutParameters(target, this.#settings.ignoreQuery)
    if (path === undefined) return undefined
    const counts = (seen & CONTROL) !== 0 && this.#settings.requestDirectives === 'honour'
    return {
      request,
      key:
        (seen & KEYED) === 0 && request.variant === undefined
          ? site + path
          : `${site}${path}${this.#keyed(all(), request.variant)}`,
      path,
      head: method === 'HEAD',
      control: counts ? requestControl(all()) : undefined,
      credentials: { cookie: (seen & COOKIE) !== 0, authorization: (seen & AUTHORIZATION) !== 0 },
      conditional: (seen & (CONDITION | RANGE)) !== 0,
      ranged: (seen & RANGE) !== 0,
      precondition: (seen & PRECONDITION) !== 0 || ((seen & LENGTH) !== 0 && all()['content-length'] !== '0'),
      fields: all,
    }
  }

  #look({ rawHeaders, host, scheme }: HttpCacheRequest): number {
    let seen = 0
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!
      if (this.#lengths[name.length] !== true) continue
      const flag = this.#flags.get(name.toLowerCase()) ?? 0
      // A gateway that states the host and the scheme once more, in every request, says nothing new.
      if (flag === KEYED && (rawHeaders[i + 1] === host || rawHeaders[i + 1] === scheme)) {
        const again = rawHeaders[i + 1] === host ? 'x-forwarded-host' : 'x-forwarded-proto'
        if (name.toLowerCase() === again) continue
      }
      seen |= flag
    }
    return seen
  }

  /** Escaped, so that no value can look like another key. */
  #keyed(fields: Fields, variant: string | undefined): string {
    const parts: unknown[] = []
    for (const name of this.#keyFields) {
      const sent = field(fields, name)
      const value = sent === undefined ? undefined : unsaidValue(name, sent)
      if (value !== undefined) parts.push([name, value])
    }
    if (variant !== undefined) parts.push(variant)
    if (parts.length === 0) return ''
    const suffix = ` ${encodeURIComponent(JSON.stringify(parts))}`
    this.#suffixes?.add(suffix)
    if ((this.#suffixes?.size ?? 0) > MAX_SUFFIXES) this.#suffixes = undefined
    return suffix
  }

  /**
   * The keys under which responses of an address may be stored; undefined when there are more than can be told, so that only
   * its tag reaches them all.
   */
  keysOf(site: string, path: string): readonly string[] | undefined {
    if (this.#suffixes === undefined) return undefined
    return [site + path, ...[...this.#suffixes].map((suffix) => `${site}${path}${suffix}`)]
  }

  #lastHost = ''
  #lastScheme = ''
  #lastSite: string | undefined

  /** Remembered: most requests in a row are for the same one. */
  #site({ scheme, host }: HttpCacheRequest): string | undefined {
    if (host === this.#lastHost && scheme === this.#lastScheme) return this.#lastSite
    this.#lastHost = host
    this.#lastScheme = scheme
    this.#lastSite = siteOf(scheme, host)
    return this.#lastSite
  }
}

/** `https://shop.example`, without a port that is the scheme's own. */
export function siteOf(scheme: string, host: string): string | undefined {
  if (scheme !== 'http' && scheme !== 'https') return undefined
  const lower = host.toLowerCase()
  if (!HOST.test(lower)) return undefined
  const own = scheme === 'https' ? ':443' : ':80'
  return `${scheme}://${lower.endsWith(own) ? lower.slice(0, -own.length) : lower}`
}
