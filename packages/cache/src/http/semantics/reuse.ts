import { isShareable, type RequestCredentials } from './storing.ts'
import type { CacheControl } from './cache-control.ts'

/** What decides about a stored response, besides its age. Times in milliseconds. */
export interface StoredTerms {
  lifetimeMs: number
  /** `no-cache`, or marked as stale by hand: never without asking the origin. */
  mustValidate: boolean
  /** `must-revalidate` or `proxy-revalidate`: never stale, whatever happens. */
  neverStale: boolean
  /** `s-maxage` means `proxy-revalidate` unless the origin itself names times to be stale (RFC 5861). */
  staleOnlyWhenTold: boolean
  whileRevalidateMs: number
  ifErrorMs: number
  /** Says `public` or `s-maxage`: for visitors with cookies as well. */
  shareable: boolean
  /** May answer requests with `Authorization`, by `public`, `s-maxage` or `must-revalidate` (RFC 9111, section 3.5). */
  forAuthorized: boolean
}

/** Where a response is silent about being stale. */
export interface StaleDefaults {
  whileRevalidateMs: number
  ifErrorMs: number
}

export function termsOf(control: CacheControl, lifetimeMs: number, defaults: StaleDefaults): StoredTerms {
  const neverStale = control.mustRevalidate || control.proxyRevalidate || control.noCache
  const staleOnlyWhenTold = control.sMaxage !== undefined
  const byDefault = neverStale || staleOnlyWhenTold ? { whileRevalidateMs: 0, ifErrorMs: 0 } : defaults
  const { staleWhileRevalidate, staleIfError } = control
  return {
    lifetimeMs,
    mustValidate: control.noCache,
    neverStale,
    staleOnlyWhenTold,
    whileRevalidateMs: neverStale ? 0 : milliseconds(staleWhileRevalidate, byDefault.whileRevalidateMs),
    ifErrorMs: neverStale ? 0 : milliseconds(staleIfError, byDefault.ifErrorMs),
    shareable: isShareable(control),
    forAuthorized: isShareable(control) || control.mustRevalidate,
  }
}

const milliseconds = (seconds: number | undefined, otherwise: number): number =>
  seconds === undefined ? otherwise : seconds * 1_000

/** Whether a stored response may be used for a request that shows who it is from (see `whyNotStored`). */
export const isFor = (terms: StoredTerms, request: RequestCredentials): boolean =>
  (!request.cookie || terms.shareable) && (!request.authorization || terms.forAuthorized)

/**
 * How a stored response may be used (RFC 9111, sections 4.2 and 5.2.1; RFC 5861): `fresh`, `stale` because the visitor
 * takes stale ones, `renew`: stale, and to be renewed at the same time, or only once the origin confirms it. `lifetimeMs`
 * is that of the terms unless somebody cut it short.
 */
export type Reuse = 'fresh' | 'stale' | 'renew' | 'validate'

export function reuseOf(
  terms: StoredTerms,
  lifetimeMs: number,
  ageMs: number,
  request: CacheControl | undefined,
): Reuse {
  if (terms.mustValidate) return 'validate'
  const freshForMs = lifetimeMs - ageMs
  if (request !== undefined) {
    if (request.noCache) return 'validate'
    if (request.maxAge !== undefined && ageMs > request.maxAge * 1_000) {
      if (request.maxStale === undefined) return 'validate'
    }
    if (request.minFresh !== undefined && freshForMs < request.minFresh * 1_000) return 'validate'
  }
  if (freshForMs > 0) return 'fresh'
  if (terms.neverStale) return 'validate'
  if (-freshForMs < terms.whileRevalidateMs) return 'renew'
  const accepted = request?.maxStale
  if (accepted !== undefined && !terms.staleOnlyWhenTold && -freshForMs <= accepted * 1_000) return 'stale'
  return 'validate'
}

/** Whether it may be used because the origin failed: stale-if-error, of the response or, stricter, of the request. */
export function mayServeOnError(
  terms: StoredTerms,
  ageMs: number,
  request: CacheControl | undefined,
): boolean {
  if (terms.neverStale) return false
  const staleMs = ageMs - terms.lifetimeMs
  const asked = request?.staleIfError
  const allowedMs = asked === undefined ? terms.ifErrorMs : Math.min(terms.ifErrorMs, asked * 1_000)
  return staleMs < allowedMs
}

/** Answers of the origin that count as its failure (RFC 5861, section 4). */
export const isFailure = (status: number): boolean =>
  status === 500 || status === 502 || status === 503 || status === 504
