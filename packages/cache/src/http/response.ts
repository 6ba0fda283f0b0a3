import { createHash } from 'node:crypto'
import { parseCacheControl, responseControl } from './semantics/cache-control.ts'
import { initialAgeMs, lifetimeOf } from './semantics/freshness.ts'
import { varyNames } from './semantics/vary.ts'
import { fieldsOfBag, one, type HeaderBag } from './header.ts'

/** A response as the handler left it. */
export interface Produced {
  status: number
  headers: HeaderBag
  body: Buffer
}

/** Statuses worth keeping; the others of RFC 9110, section 15.1 are errors or depend on the request. */
const STORABLE = new Set([200, 203, 301, 308])

export interface Verdict {
  /** Milliseconds from now. */
  freshMs: number
  /** How old it is already. */
  ageMs: number
  /** Request headers that choose between variants, lower-cased and sorted. */
  vary: readonly string[]
}

interface JudgeOptions {
  /** Given at all: whose response it is. */
  identity?: unknown
  setCookie?: 'bypass' | 'strip'
}

/** A handler states a time or the namespace's holds: nothing is guessed. */
const NO_GUESS = { heuristicShare: 0, heuristicMaxMs: 0 }

/**
 * Whether a response may be stored and for how long: at most `ttlMs`, and no longer than it says itself (RFC 9111,
 * sections 3 and 4.2). `now` in milliseconds since the epoch. Undefined: not to be stored.
 */
export function judge(
  { status, headers, body }: Produced,
  options: JudgeOptions & { ttlMs: number; now: number },
): Verdict | undefined {
  const fields = fieldsOfBag(headers)
  const vary = varyNames(fields)
  const length = headers['content-length']
  const isCutShort = length !== undefined && Number(length) !== body.byteLength
  if (vary === undefined || isCutShort || !isStorable(status, headers, options)) return undefined
  const { now, ttlMs } = options
  const ageMs = initialAgeMs(fields, { requestedAt: now, respondedAt: now })
  const stated = lifetimeOf(status, fields, responseControl(fields, []), now, NO_GUESS)
  // An explicit 0 or nonsense means: not without asking the handler.
  const freshMs = stated.explicit ? Math.min(ttlMs, stated.ms - ageMs) : ttlMs
  return freshMs > 0 ? { freshMs, ageMs, vary } : undefined
}

/** As far as status and headers tell. */
export const isStorable = (status: number, headers: HeaderBag, options: JudgeOptions): boolean =>
  STORABLE.has(status) &&
  headers['content-range'] === undefined &&
  !forbidsStoring(headers, options) &&
  varyNames(fieldsOfBag(headers)) !== undefined

/** Whether its headers say that a response is for one person or one time. */
export function forbidsStoring(headers: HeaderBag, options: JudgeOptions): boolean {
  const control = parseCacheControl(one(headers['cache-control']))
  return (
    control.noStore ||
    control.noCache ||
    (control.isPrivate && options.identity === undefined) ||
    (headers['set-cookie'] !== undefined && options.setCookie !== 'strip')
  )
}

/** Weak, because a compressing layer above may change the bytes but not what they mean. */
export const entityTag = (body: Buffer): string =>
  `W/"${createHash('sha1').update(body).digest('base64url')}"`
