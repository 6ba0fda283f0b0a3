import type { Fields } from './semantics/fields.ts'

/** Headers as Node and the frameworks on it return them, names in lower case. */
export type HeaderBag = Record<string, number | string | string[] | undefined>

/** A header as one text; repeated ones are joined by commas. */
export const one = (header: HeaderBag[string]): string | undefined =>
  header === undefined ? undefined : String(header)

export function fieldsOfBag(headers: HeaderBag): Fields {
  const fields = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      fields[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return fields
}

/** Names and values in turn; a repeated header is as many lines. */
export function rawHeadersOf(headers: HeaderBag): string[] {
  const raw: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    for (const line of Array.isArray(value) ? value : [String(value)]) raw.push(name.toLowerCase(), line)
  }
  return raw
}

/** What the visitor already has, taken off the request so that the handler produces the whole response. */
export function takeConditions(headers: Record<string, string | string[] | undefined>): Fields {
  const conditions = {
    'if-none-match': one(headers['if-none-match']),
    'if-modified-since': one(headers['if-modified-since']),
  }
  delete headers['if-none-match']
  delete headers['if-modified-since']
  return conditions
}

/** A raw list as names and values, a repeated one as a list: what frameworks take. */
export function bagOf(rawHeaders: readonly string[]): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = {}
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    const known = bag[name]
    bag[name] = known === undefined ? rawHeaders[i + 1]! : [known, rawHeaders[i + 1]!].flat()
  }
  return bag
}

/** A 304 does not describe content that it does not have (RFC 9110, section 15.4.5). */
export const isOfContent = (name: string): boolean => OF_CONTENT.has(name.toLowerCase())

const OF_CONTENT: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
])
