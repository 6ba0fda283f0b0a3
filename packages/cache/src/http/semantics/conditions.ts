import { parseHttpDate } from './dates.ts'
import { field, listMembers, type Fields } from './fields.ts'

const ETAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/

const opaque = (tag: string): string => (tag.startsWith('W/') ? tag.slice(2) : tag)

/** Weak comparison (RFC 9110, section 8.8.3.2). A tag without quotes is only equal to the same text. */
export const sameEtag = (a: string, b: string): boolean => opaque(a) === opaque(b)

/** Strong comparison: neither may be weak. */
export const sameStrongEtag = (a: string, b: string): boolean =>
  a === b && ETAG.test(a) && !a.startsWith('W/')

/** Whether an `If-None-Match` names the entity tag, or any. */
export function noneMatch(header: string, etag: string | undefined): boolean {
  if (header.trim() === '*') return true
  return etag !== undefined && listMembers(header).some((tag) => sameEtag(tag, etag))
}

/** What a stored response can be compared by. */
export interface Validators {
  etag: string | undefined
  /** Milliseconds since the epoch. */
  lastModified: number | undefined
  /** When it was made; stands in for `Last-Modified` where that is missing (RFC 9111, section 4.3.2). */
  date: number | undefined
}

export const validatorsOf = (fields: Fields, now: number): Validators => ({
  etag: field(fields, 'etag'),
  lastModified: parseHttpDate(field(fields, 'last-modified'), now),
  date: parseHttpDate(field(fields, 'date'), now),
})

/** Whether a request has one of the two conditions that a stored response can answer. */
export const isConditional = (request: Fields): boolean =>
  request['if-none-match'] !== undefined || request['if-modified-since'] !== undefined

/**
 * Whether the visitor already has what a successful GET would bring (RFC 9110, section 13.2.2): by `If-None-Match`, and
 * only where that is missing by `If-Modified-Since`.
 */
export function isNotModified(request: Fields, validators: Validators, now: number): boolean {
  const tags = field(request, 'if-none-match')
  if (tags !== undefined) return noneMatch(tags, validators.etag)
  const since = parseHttpDate(field(request, 'if-modified-since'), now)
  const modified = validators.lastModified ?? validators.date
  return since !== undefined && modified !== undefined && modified <= since
}

/**
 * Whether a 304 speaks of the stored response (RFC 9111, section 4.3.4): by its strong tag, else by the validators it
 * has; one without any confirms the only response that was asked about.
 */
export function confirms(notModified: Fields, stored: Validators, now: number): boolean {
  const { etag, lastModified } = validatorsOf(notModified, now)
  if (etag !== undefined) return stored.etag === undefined || sameEtag(etag, stored.etag)
  return (
    lastModified === undefined || stored.lastModified === undefined || lastModified === stored.lastModified
  )
}

/** The visitor's conditions: a cache takes them off and puts its own in their place. */
export const CONDITIONS: ReadonlySet<string> = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
  'if-range',
])
