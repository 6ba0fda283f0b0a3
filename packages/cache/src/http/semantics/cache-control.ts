import { deltaSeconds, field, listMembers, type Fields } from './fields.ts'
import { parseDictionary } from './structured.ts'

/**
 * The directives of `Cache-Control` (RFC 9111, section 5.2; RFC 5861; RFC 8246), those of requests and of responses.
 * Times in seconds.
 */
export interface CacheControl {
  noStore: boolean
  noCache: boolean
  isPrivate: boolean
  isPublic: boolean
  mustRevalidate: boolean
  proxyRevalidate: boolean
  mustUnderstand: boolean
  onlyIfCached: boolean
  maxAge: number | undefined
  sMaxage: number | undefined
  minFresh: number | undefined
  /** Infinity without a value. */
  maxStale: number | undefined
  staleWhileRevalidate: number | undefined
  staleIfError: number | undefined
  /** Named by `no-cache="…"` and `private="…"`, in lower case: fields that a shared cache must not use again. */
  withheld: readonly string[]
}

const NOTHING: CacheControl = Object.freeze({
  noStore: false,
  noCache: false,
  isPrivate: false,
  isPublic: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  onlyIfCached: false,
  maxAge: undefined,
  sMaxage: undefined,
  minFresh: undefined,
  maxStale: undefined,
  staleWhileRevalidate: undefined,
  staleIfError: undefined,
  withheld: [],
})

/**
 * Reads a `Cache-Control` field. Names in any case, values as tokens or quoted; what is unknown is passed over. Where
 * the text contradicts itself the stricter reading holds (section 4.2.1): the shortest of several times, and 0 for a
 * time that is none.
 */
export function parseCacheControl(text: string | undefined): CacheControl {
  if (text === undefined) return NOTHING
  const control = { ...NOTHING }
  for (const member of listMembers(text)) {
    const equals = member.indexOf('=')
    const name = (equals < 0 ? member : member.slice(0, equals)).trim().toLowerCase()
    apply(control, name, equals < 0 ? undefined : unquoted(member.slice(equals + 1).trim()))
  }
  return control
}

/**
 * The directives meant for shared caches near the origin: of the first of the `targets` that is there and can be read
 * (RFC 9213), else of `Cache-Control`. A targeted field stands in place of `Cache-Control` and `Expires` altogether.
 */
export function responseControl(
  fields: Fields,
  targets: readonly string[],
): { control: CacheControl; targeted: boolean } {
  for (const target of targets) {
    const text = field(fields, target)
    const members = text === undefined ? undefined : parseDictionary(text)
    if (members === undefined || members.size === 0) continue
    const control = { ...NOTHING }
    let understood = true
    for (const [name, value] of members) {
      // A time that is no whole number makes nothing of the field, as if it were not there (RFC 9213, section 2.1).
      if (TIMES.has(name) && typeof value !== 'number') understood = false
      else if (value !== false) apply(control, name, value === true ? undefined : String(value))
    }
    if (understood) return { control, targeted: true }
  }
  return { control: parseCacheControl(field(fields, 'cache-control')), targeted: false }
}

/** Of a request; `Pragma: no-cache` counts where there is no `Cache-Control` (section 5.4). */
export function requestControl(fields: Fields): CacheControl {
  const text = field(fields, 'cache-control')
  if (text !== undefined) return parseCacheControl(text)
  const pragma = fields.pragma
  return pragma === undefined ? NOTHING : { ...NOTHING, noCache: /\bno-cache\b/i.test(String(pragma)) }
}

const TIMES = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

function apply(control: CacheControl, name: string, value: string | undefined): void {
  switch (name) {
    case 'no-store':
      control.noStore = true
      return
    case 'no-cache':
      if (value === undefined) control.noCache = true
      else control.noCache = !withhold(control, value) || control.noCache
      return
    case 'private':
      if (value === undefined) control.isPrivate = true
      else control.isPrivate = !withhold(control, value) || control.isPrivate
      return
    case 'public':
      control.isPublic = true
      return
    case 'must-revalidate':
      control.mustRevalidate = true
      return
    case 'proxy-revalidate':
      control.proxyRevalidate = true
      return
    case 'must-understand':
      control.mustUnderstand = true
      return
    case 'only-if-cached':
      control.onlyIfCached = true
      return
    case 'max-age':
      control.maxAge = shorter(control.maxAge, seconds(value))
      return
    case 's-maxage':
      control.sMaxage = shorter(control.sMaxage, seconds(value))
      return
    case 'stale-while-revalidate':
      control.staleWhileRevalidate = shorter(control.staleWhileRevalidate, seconds(value))
      return
    case 'stale-if-error':
      control.staleIfError = shorter(control.staleIfError, seconds(value))
      return
    case 'min-fresh':
      control.minFresh = Math.max(control.minFresh ?? 0, seconds(value))
      return
    case 'max-stale':
      control.maxStale = shorter(control.maxStale, value === undefined ? Infinity : seconds(value))
      return
    default:
  }
}

/** False when it names no field: then the directive counts as if it stood alone. */
function withhold(control: CacheControl, value: string): boolean {
  const names = listMembers(value.toLowerCase())
  if (names.length === 0 || !names.every((name) => FIELD_NAME.test(name))) return false
  control.withheld = [...control.withheld, ...names]
  return true
}

const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/

const seconds = (value: string | undefined): number => deltaSeconds(value ?? '') ?? 0

const shorter = (known: number | undefined, value: number): number =>
  known === undefined ? value : Math.min(known, value)

/** The text of a quoted string, or of a token as it stands. One that never ends stays as it is, and means nothing. */
function unquoted(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(text)
  return quoted === null ? text : quoted[1]!.replaceAll(/\\(.)/g, '$1')
}
