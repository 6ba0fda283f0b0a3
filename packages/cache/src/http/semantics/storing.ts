import type { CacheControl } from './cache-control.ts'
import { varyNames } from './vary.ts'
import type { Fields } from './fields.ts'

/** What the cache knows a request by when it is asked whether to store the response to it. */
export interface RequestCredentials {
  authorization: boolean
  cookie: boolean
}

/**
 * Where clients, and proxies that log people in, say who asks, besides `Authorization` and `Cookie`. They count like
 * `Authorization`: RFC 9111 knows nothing of them, and applications forget to name them in `Vary`.
 */
export const IDENTITY_FIELDS: readonly string[] = [
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
  'x-session-token',
  'x-remote-user',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-auth-request-user',
  'x-amzn-oidc-identity',
  'x-goog-authenticated-user-email',
  'cf-access-jwt-assertion',
]

export type NotStored =
  'status' | 'no-store' | 'private' | 'authorization' | 'cookie' | 'set-cookie' | 'vary' | 'range'

/** Statuses whose meaning for a cache is known (`must-understand`, RFC 9111, section 5.2.2.3). */
const UNDERSTOOD = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504,
  505, 511,
])

/**
 * Why a shared cache must not store the response to a GET (RFC 9111, section 3), or undefined when it may. Stricter
 * than the RFC in two points, so that nobody is given a page made for somebody else because an origin forgot to say
 * so: a response that sets a cookie is not stored unless that cookie is to be dropped, and a response to a request with
 * cookies only when it says `public` or `s-maxage`, which section 3.5 asks for credentials of the other kind.
 */
export function whyNotStored(
  status: number,
  fields: Fields,
  control: CacheControl,
  request: RequestCredentials,
  options: { dropSetCookie: boolean },
): NotStored | undefined {
  if (status < 200 || status === 206 || status === 304) return 'status'
  if (control.mustUnderstand ? !UNDERSTOOD.has(status) : control.noStore) return 'no-store'
  if (control.isPrivate) return 'private'
  const shareable = isShareable(control)
  if (request.authorization && !shareable && !control.mustRevalidate) return 'authorization'
  if (request.cookie && !shareable) return 'cookie'
  const setsCookie = fields['set-cookie'] !== undefined || fields['set-cookie2'] !== undefined
  if (setsCookie && !options.dropSetCookie && !control.withheld.includes('set-cookie')) return 'set-cookie'
  return varyNames(fields) === undefined ? 'vary' : undefined
}

/** Whether a response says that it is meant for everybody, those included who show who they are. */
export const isShareable = (control: CacheControl): boolean =>
  control.isPublic || control.sMaxage !== undefined
