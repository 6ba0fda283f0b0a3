/**
 * Header fields by lower-case name, the lines of one field joined by commas (RFC 9110, section 5.3). What Node makes
 * of a request's headers is one.
 */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

/** The fields of a raw header list: names and values in turn, as they were received. */
export function fieldsOf(rawHeaders: readonly string[]): Fields {
  const fields = Object.create(null) as Record<string, string>
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    const known = fields[name]
    fields[name] = known === undefined ? rawHeaders[i + 1]! : `${known}, ${rawHeaders[i + 1]!}`
  }
  return fields
}

/** A field as one text. */
export function field(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return value === undefined || typeof value === 'string' ? value : value.join(', ')
}

/**
 * The members of a comma-separated list, without empty ones and without white space around them (RFC 9110, section
 * 5.6.1). A comma within a quoted string separates nothing.
 */
export function listMembers(text: string): string[] {
  const members: string[] = []
  for (const member of text.includes('"') ? splitOutsideQuotes(text) : text.split(',')) {
    const trimmed = member.trim()
    if (trimmed !== '') members.push(trimmed)
  }
  return members
}

function splitOutsideQuotes(text: string): string[] {
  const members: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (quoted && character === '\\') i++
    else if (character === '"') quoted = !quoted
    else if (character === ',' && !quoted) {
      members.push(text.slice(start, i))
      start = i + 1
    }
  }
  members.push(text.slice(start))
  return members
}

/** A response without an end. */
export const isEventStream = (contentType: string | undefined): boolean =>
  contentType?.trim().toLowerCase().startsWith('text/event-stream') === true

/** What stands for every delta-seconds that is too large (RFC 9111, section 1.2.2): 68 years. */
export const MAX_SECONDS = 2 ** 31

/** Whole seconds, at most `MAX_SECONDS`; undefined for anything that is not only digits. */
export function deltaSeconds(text: string): number | undefined {
  // As long as it is digits, too long means too large.
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : undefined
}
