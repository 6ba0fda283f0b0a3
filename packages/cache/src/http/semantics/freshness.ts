import type { CacheControl } from './cache-control.ts'
import { parseHttpDate } from './dates.ts'
import { deltaSeconds, field, type Fields } from './fields.ts'

/** When a request was sent and its response came, in milliseconds since the epoch. */
export interface Exchanged {
  requestedAt: number
  respondedAt: number
}

/**
 * How old a response was when it came, in milliseconds (RFC 9111, section 4.2.3, `corrected_initial_age`). Infinity
 * when `Age` is neither a number nor a list of them: a cache on the way has lost count, and what may be older than it
 * says is not used. Section 5.1 would have it passed over; the tests of HTTP caches want it stale.
 */
export function initialAgeMs(fields: Fields, { requestedAt, respondedAt }: Exchanged): number {
  const date = parseHttpDate(field(fields, 'date'), respondedAt)
  const apparent = date === undefined ? 0 : Math.max(0, respondedAt - date)
  const age = field(fields, 'age')
  const stated = age === undefined ? 0 : (statedAge(age) ?? Infinity)
  return Math.max(apparent, stated * 1_000 + Math.max(0, respondedAt - requestedAt))
}

/**
 * Of a list in one line the first member counts (section 5.1). Lines of their own, which whoever puts them together joins
 * with a comma and a space (RFC 9110, section 5.3), come from two caches that do not know of each other.
 */
const statedAge = (age: string): number | undefined =>
  deltaSeconds(/^\d+(,\d+)+$/.test(age) ? age.slice(0, age.indexOf(',')) : age)

export interface FreshnessOptions {
  /** Share of the time since `Last-Modified` that a response without a time of its own stays fresh (section 4.2.2). */
  heuristicShare: number
  heuristicMaxMs: number
}

export interface Lifetime {
  ms: number
  /** Stated by the origin, not guessed. */
  explicit: boolean
}

/**
 * How long a response is fresh for a shared cache, from when it was made (section 4.2.1): `s-maxage`, `max-age`,
 * `Expires` less `Date`, else a guess. An `Expires` that is no date has passed.
 */
export function lifetimeOf(
  status: number,
  fields: Fields,
  { control, targeted }: { control: CacheControl; targeted: boolean },
  respondedAt: number,
  options: FreshnessOptions,
): Lifetime {
  const seconds = control.sMaxage ?? control.maxAge
  if (seconds !== undefined) return { ms: seconds * 1_000, explicit: true }
  const date = parseHttpDate(field(fields, 'date'), respondedAt) ?? respondedAt
  if (fields.expires !== undefined && !targeted) {
    const expires = parseHttpDate(field(fields, 'expires'), respondedAt)
    return { ms: expires === undefined ? 0 : Math.max(0, expires - date), explicit: true }
  }
  if (!HEURISTICALLY_FRESH.has(status) && !control.isPublic) return { ms: 0, explicit: false }
  const modified = parseHttpDate(field(fields, 'last-modified'), respondedAt)
  const guess = modified === undefined ? 0 : (date - modified) * options.heuristicShare
  return { ms: Math.min(Math.max(0, guess), options.heuristicMaxMs), explicit: false }
}

/** Statuses that may be fresh by a guess (RFC 9110, section 15.1); 206 is never stored here. */
const HEURISTICALLY_FRESH = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
