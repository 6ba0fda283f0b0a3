import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { one, type HeaderBag } from './header.ts'
import { cacheDirectives, type HttpCacheOptions } from './request.ts'

/** A response as the handler left it. */
export interface Produced {
  status: number
  headers: HeaderBag
  body: Buffer
}

/** Statuses worth keeping; the others of RFC 9110, section 15.1 are errors or depend on the request. */
const STORABLE = new Set([200, 203, 301, 308])

export interface Verdict {
  /** Undefined: not to be stored. */
  ttlMs?: number
  /** Request headers that choose between variants, lower-cased and sorted. */
  vary: string[]
}

type JudgeOptions = Pick<HttpCacheOptions<never>, 'identity' | 'setCookie'>

/**
 * Whether a response may be stored and for how long: at most `ttlMs`, and no longer than it says itself (RFC 9111,
 * sections 3 and 4.2). `now` in milliseconds since the epoch.
 */
export function judge(
  { status, headers, body }: Produced,
  options: JudgeOptions & { ttlMs: number; now: number },
): Verdict {
  const vary = varyNames(headers.vary)
  const length = headers['content-length']
  const refused =
    !STORABLE.has(status) ||
    vary.includes('*') ||
    forbidsStoring(headers, options) ||
    headers['content-range'] !== undefined ||
    // Cut short.
    (length !== undefined && Number(length) !== body.byteLength)
  if (refused) return { vary }
  const freshMs = statedMs(headers, options.now)
  // An explicit 0 or nonsense means: not without asking the handler.
  return freshMs > 0 ? { ttlMs: Math.min(options.ttlMs, freshMs), vary } : { vary }
}

/** Whether its headers say that a response is for one person or one time. */
export function forbidsStoring(headers: HeaderBag, options: JudgeOptions): boolean {
  const directives = cacheDirectives(one(headers['cache-control']))
  return (
    directives.has('no-store') ||
    directives.has('no-cache') ||
    (directives.has('private') && options.identity === undefined) ||
    (headers['set-cookie'] !== undefined && options.setCookie !== 'strip')
  )
}

/** How long a response says that it stays fresh; Infinity when it says nothing, NaN for nonsense. */
function statedMs(headers: HeaderBag, now: number): number {
  const directives = cacheDirectives(one(headers['cache-control']))
  const seconds = directives.get('s-maxage') ?? directives.get('max-age')
  const expires = one(headers.expires)
  const ageMs = headers.age === undefined ? 0 : Number(headers.age) * 1_000
  if (seconds !== undefined) return Number(seconds) * 1_000 - ageMs
  if (expires === undefined) return Infinity
  const date = one(headers.date)
  return Date.parse(expires) - (date === undefined ? now : Date.parse(date)) - ageMs
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
  `${key} ${JSON.stringify(vary.map((name) => [name, one(headers[name])?.trim() ?? '']))}`

/** Weak, because a compressing layer above may change the bytes but not what they mean. */
export const entityTag = (body: Buffer): string =>
  `W/"${createHash('sha1').update(body).digest('base64url')}"`

/** `If-None-Match` by weak comparison (RFC 9110, section 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return header.split(',').some((tag) => opaque(tag) === opaque(etag))
}
