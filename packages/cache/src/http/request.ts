import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { cacheErrors } from '../errors.ts'
import type { Keep } from '../keep.ts'
import { checkTtl, timeout, whole } from '../options.ts'
import { one } from './header.ts'
import { normalisedPath } from './query.ts'
import { parseCacheControl } from './semantics/cache-control.ts'
import { IDENTITY_FIELDS } from './semantics/storing.ts'

export interface HttpCacheOptions<Request = IncomingMessage> {
  /** Default: the namespace's. A response's own `s-maxage` or `max-age` shortens it. */
  ttlMs?: number
  /** For `invalidateTags`. */
  tags?: (request: Request) => readonly string[]
  /**
   * Takes the place of host, path and query in the key, which is `GET "<it>"`; undefined: do not cache this request.
   */
  key?: (request: Request) => string | undefined
  /** Query parameters that do not change the response: `['utm_source']`. */
  ignoreQuery?: readonly string[]
  /**
   * Whose response it is. With it, requests that carry `Authorization` or cookies are cached too, per identity, and
   * `private` responses are stored; undefined for a request: not cached.
   */
  identity?: (request: Request) => string | undefined
  /**
   * The response is the same for everybody, whoever asks: requests that carry `Authorization` or cookies are answered from
   * the cache and fill it, too. For handlers that do not look at who asks, where visitors bring cookies that have nothing to
   * do with them. A `private` response or one with `Set-Cookie` is still not stored. Not together with `identity`.
   */
  forEveryone?: boolean
  /** What a response with `Set-Cookie` is: not stored (default), or stored without the cookie. */
  setCookie?: 'bypass' | 'strip'
  /** `max-age` for browsers where the response sets no `Cache-Control`. Default 0: they ask, and get a 304. */
  browserMaxAgeS?: number
  /**
   * How long a response may be given to others after its time, while one request renews it: nobody but that one waits. What
   * the response's own `stale-while-revalidate` says comes first. Default: the namespace's.
   */
  staleWhileRevalidateMs?: number
  /**
   * How long after its time a response may stand in for an answer of 500, 502, 503 or 504. What the response's own
   * `stale-if-error` says comes first. Default: the namespace's.
   */
  staleIfErrorMs?: number
  /** A larger body is not stored. Default 1 MiB. */
  maxBodyBytes?: number
  /** How long a request waits for another one that is producing the same response. Default 10 s. */
  waitMs?: number
}

/** What holds for a namespace. */
type StaleWindows = Pick<Keep, 'staleWhileRevalidateMs' | 'staleIfErrorMs'>

const DEFAULT_BODY_BYTES = 1_048_576
const DEFAULT_WAIT_MS = 10_000

/**
 * Checks them once, where they are given.
 * @throws CACHE_TTL_INVALID, CACHE_OPTION_INVALID
 */
export function resolveHttpOptions<Request>(options: HttpCacheOptions<Request>, keep: StaleWindows) {
  if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
  if (options.identity !== undefined && options.forEveryone === true) {
    const accepted = 'one of identity and forEveryone'
    throw cacheErrors.OPTION_INVALID({ field: 'forEveryone', value: true, accepted })
  }
  return {
    ...options,
    waitMs: timeout('waitMs', options.waitMs ?? DEFAULT_WAIT_MS),
    maxBodyBytes: whole('maxBodyBytes', options.maxBodyBytes ?? DEFAULT_BODY_BYTES),
    browserMaxAgeS: whole('browserMaxAgeS', options.browserMaxAgeS ?? 0, 0),
    staleWhileRevalidateMs: whole(
      'staleWhileRevalidateMs',
      options.staleWhileRevalidateMs ?? keep.staleWhileRevalidateMs,
      0,
    ),
    staleIfErrorMs: whole('staleIfErrorMs', options.staleIfErrorMs ?? keep.staleIfErrorMs, 0),
  }
}

export type ResolvedHttpOptions<Request> = ReturnType<typeof resolveHttpOptions<Request>>

/** Where a framework's request keeps what the key is made of. */
export interface RequestView {
  method: string
  /** Path and query as the client sent them. */
  url: string
  headers: IncomingMessage['headers']
}

/** A host as RFC 3986 has it, or a list of such: never a slash, which would pass for a part of the path. */
const HOST = /^[a-z0-9._:[\], -]{0,512}$/
const SCHEME = /^[a-z, ]{1,64}$/
const PREFIX = /^[\w.~%/-]{0,512}$/

/**
 * Fields by which applications and what stands before them find out what was asked for, without saying so in `Vary`: where a
 * visitor sends them, they are part of the key. Of those that name a site, some make up the site in the key already.
 */
export const UNSAID_FIELDS: readonly string[] = [
  'forwarded',
  'x-forwarded-scheme',
  'x-forwarded-protocol',
  'x-forwarded-ssl',
  'x-forwarded-uri',
  'x-forwarded-path',
  'x-url-scheme',
  'front-end-https',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-host',
  'x-http-host-override',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]

/** A parameter of `Forwarded` (RFC 7239) that says who asks, or through whom, and nothing of the site. */
const NOT_OF_THE_SITE = /^(?:for|by)\s*=\s*(?:"[^"=]*"|[^"=\s]*)$/i

/** What of an unsaid field belongs into the key: of `Forwarded`, host, protocol and whatever else it has. */
export function unsaidValue(name: string, value: string): string | undefined {
  if (name !== 'forwarded') return value
  const kept = value.split(/[;,]/).map((part) => part.trim())
  return kept.filter((part) => part !== '' && !NOT_OF_THE_SITE.test(part)).join(';') || undefined
}

/**
 * The key, or undefined when the request must not be cached: `GET <host><path and query>`, `GET "<own key>"`; with
 * an identity `@<its digest>` before it, because it may be a token and keys are shown, and with fields that hardly anybody sends between method and host. No two of these forms can be made to look alike from outside.
 */
export function requestKey<Request>(
  view: RequestView,
  request: Request,
  options: HttpCacheOptions<Request>,
): string | undefined {
  const { method, headers } = view
  if (method !== 'GET' || headers.range !== undefined || hasBody(headers)) return undefined
  const control = headers['cache-control']
  if (control !== undefined && parseCacheControl(control).noStore) return undefined
  let identity = ''
  if (options.identity !== undefined) {
    const own = options.identity(request)
    if (own === undefined) return undefined
    identity = `@${createHash('sha256').update(own).digest('base64url')} `
  } else if (options.forEveryone !== true && hasCredentials(headers)) return undefined
  if (options.key !== undefined) {
    const own = options.key(request)
    return own === undefined ? undefined : `${identity}GET ${JSON.stringify(own)}`
  }
  const site = siteOf(headers)
  const path = normalisedPath(view.url, options.ignoreQuery ?? [])
  return site === undefined || path === undefined
    ? undefined
    : `${identity}GET ${unsaid(headers)}${site}${path}`
}

/** A page may be built from what comes along with a GET, and nothing says so. */
const hasBody = (headers: RequestView['headers']): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** In front of the site and without a space inside, so that it cannot be taken for another one. */
function unsaid(headers: RequestView['headers']): string {
  let present: [string, string][] | undefined
  for (const name of UNSAID_FIELDS) {
    const sent = headers[name]
    if (sent === undefined) continue
    const value = unsaidValue(name, String(sent))
    if (value !== undefined) (present ??= []).push([name, value])
  }
  return present === undefined ? '' : `${encodeURIComponent(JSON.stringify(present))} `
}

function hasCredentials(headers: RequestView['headers']): boolean {
  if (headers.authorization !== undefined || headers.cookie !== undefined) return true
  for (const name of IDENTITY_FIELDS) if (headers[name] !== undefined) return true
  return false
}

let lastHost = ''
let lastSite: string | undefined

/**
 * Scheme, host and the prefix that a gateway took off the path, as the application sees them; undefined when they are
 * malformed.
 */
function siteOf(headers: RequestView['headers']): string | undefined {
  const asSent = headers.host ?? ''
  const forwarded =
    headers['x-forwarded-host'] ?? headers['x-forwarded-proto'] ?? headers['x-forwarded-prefix']
  if (forwarded === undefined && asSent === lastHost) return lastSite
  const site = readSite(headers, asSent.toLowerCase())
  if (forwarded === undefined) {
    lastHost = asSent
    lastSite = site
  }
  return site
}

function readSite(headers: RequestView['headers'], host: string): string | undefined {
  const forwardedHost = one(headers['x-forwarded-host'])?.toLowerCase() ?? host
  const scheme = one(headers['x-forwarded-proto'])?.toLowerCase()
  const prefix = one(headers['x-forwarded-prefix'])
  if (!HOST.test(host) || !HOST.test(forwardedHost) || !PREFIX.test(prefix ?? '')) return undefined
  if (scheme !== undefined && !SCHEME.test(scheme)) return undefined
  // Which of the two hosts an application goes by is its own affair: both count.
  const site = forwardedHost === host ? host : `${forwardedHost}@${host}`
  // No path contains a space.
  return `${scheme === undefined ? '' : `${scheme}://`}${site}${prefix === undefined ? '' : `${prefix} `}`
}
