import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { cacheDirectives, type HttpCacheOptions } from './request.ts'

/** Headers as Node and the frameworks on it return them, names in lower case. */
export type HeaderBag = Record<string, number | string | string[] | undefined>

/** A response as it is stored: what a hit sends again. */
export interface StoredResponse {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer
  etag: string
  /** Milliseconds since the epoch. */
  storedAt: number
}

/** Never part of a stored response: they belong to one connection or one moment (RFC 9111, section 3.1). */
const NOT_STORED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'set-cookie',
  'age',
  'x-cache',
])

/** Statuses worth keeping; the others of RFC 9110, section 15.1 are errors or depend on the request. */
const STORABLE = new Set([200, 203, 301, 308])

export interface Verdict {
  /** Undefined: not to be stored. */
  ttlMs?: number
  /** Request headers that choose between variants, lower-cased and sorted. */
  vary: string[]
}

/** Whether a response may be stored and for how long; `ttlMs` undefined in the options: the namespace's. */
export function judge(
  status: number,
  headers: HeaderBag,
  options: Pick<HttpCacheOptions<never>, 'identity' | 'setCookie'> & { ttlMs: number },
): Verdict {
  const vary = varyNames(headers.vary)
  const directives = cacheDirectives(one(headers['cache-control']))
  const refused =
    !STORABLE.has(status) ||
    vary.includes('*') ||
    directives.has('no-store') ||
    directives.has('no-cache') ||
    (directives.has('private') && options.identity === undefined) ||
    (headers['set-cookie'] !== undefined && options.setCookie !== 'strip') ||
    headers['content-range'] !== undefined
  if (refused) return { vary }
  const stated = directives.get('s-maxage') ?? directives.get('max-age')
  const statedMs = stated === undefined ? Infinity : Number(stated) * 1_000
  // An explicit 0 or nonsense means: not without asking the handler.
  if (!(statedMs > 0)) return { vary }
  return { ttlMs: Math.min(options.ttlMs, statedMs), vary }
}

function varyNames(header: HeaderBag[string]): string[] {
  const names = new Set<string>()
  for (const name of [header ?? []].flat().join(',').split(',')) {
    if (name.trim() !== '') names.add(name.trim().toLowerCase())
  }
  return [...names].sort()
}

/** Which variant a request asks for, given the names in the response's `Vary`. */
export const variantKey = (key: string, vary: readonly string[], headers: IncomingHttpHeaders): string =>
  `${key} ${vary.map((name) => `${name}=${one(headers[name])?.trim() ?? ''}`).join('&')}`

export const one = (header: HeaderBag[string]): string | undefined =>
  header === undefined ? undefined : String(header)

/** Weak, because a compressing layer above may change the bytes but not what they mean. */
export const entityTag = (body: Buffer): string =>
  `W/"${createHash('sha1').update(body).digest('base64url')}"`

/** The headers of a response that are stored. */
export function storedHeaders(headers: HeaderBag): StoredResponse['headers'] {
  const kept: StoredResponse['headers'] = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_STORED.has(name.toLowerCase())) continue
    kept[name.toLowerCase()] = typeof value === 'number' ? String(value) : value
  }
  return kept
}

/** `If-None-Match` by weak comparison (RFC 9110, section 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return header.split(',').some((tag) => opaque(tag) === opaque(etag))
}
