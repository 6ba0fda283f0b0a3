import { field, listMembers, type Fields } from './fields.ts'

/** Of one connection (RFC 9110, section 7.6.1) or of the proxy before (RFC 9111, section 3.1): never stored. */
const NOT_STORED: ReadonlySet<string> = new Set([
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
  // Stated anew with every answer.
  'content-length',
  'age',
  'cache-status',
  // Obsolete (RFC 9111, section 5.5), and wrong once it is stored.
  'warning',
])

/**
 * What a 304 must not change: how the bytes that are stored are to be read (RFC 9111, section 3.2). `Content-Type` is not
 * among them: a cache that keeps bytes as they came has to take over the new one.
 */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-md5',
  'content-digest',
  'repr-digest',
])

export interface FieldFilter {
  /** Lower case: `no-cache="…"`, `private="…"`, and what the configuration takes out. */
  withheld: readonly string[]
  dropSetCookie: boolean
}

/** The raw list that is stored of a response: end-to-end fields as they came, order and case kept. */
export function storedFields(rawHeaders: readonly string[], fields: Fields, filter: FieldFilter): string[] {
  const named = new Set([...listMembers(field(fields, 'connection') ?? ''), ...filter.withheld].map(lower))
  const kept: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (NOT_STORED.has(name) || named.has(name)) continue
    if (filter.dropSetCookie && (name === 'set-cookie' || name === 'set-cookie2')) continue
    kept.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  return kept
}

const lower = (name: string): string => name.toLowerCase()

/**
 * A stored list after a 304, or after the 200 to a HEAD: each field of the new response takes the place of all lines
 * of that name (RFC 9111, section 3.2).
 */
export function updatedFields(stored: readonly string[], update: readonly string[]): string[] {
  const replaced = new Set<string>()
  for (let i = 0; i < update.length; i += 2) replaced.add(update[i]!.toLowerCase())
  const fields: string[] = []
  for (let i = 0; i < stored.length; i += 2) {
    const name = stored[i]!.toLowerCase()
    if (!replaced.has(name) || OF_THE_BODY.has(name)) fields.push(stored[i]!, stored[i + 1]!)
  }
  for (let i = 0; i < update.length; i += 2) {
    if (!OF_THE_BODY.has(update[i]!.toLowerCase())) fields.push(update[i]!, update[i + 1]!)
  }
  return fields
}

/** A 304 describes no content that it does not have (RFC 9110, section 15.4.5). */
export function withoutContentFields(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!CONTENT.has(rawHeaders[i]!.toLowerCase())) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  return kept
}

const CONTENT: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
])
