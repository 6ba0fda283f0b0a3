import { CONDITIONS } from '../semantics/conditions.ts'
import { field, fieldsOf } from '../semantics/fields.ts'
import { SURROGATE_KEY_FIELDS } from '../semantics/surrogate-keys.ts'
import type { StoredResponse } from '../stored-response.ts'

/** The visitor's fields with the cache's own conditions in place of theirs. */
export function conditional(
  rawHeaders: readonly string[],
  stored: StoredResponse | undefined,
): readonly string[] {
  const fields: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (!CONDITIONS.has(name) && name !== 'range') fields.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  if (stored === undefined) return fields
  const stated = fieldsOf(stored.rawHeaders)
  const etag = field(stated, 'etag')
  const modified = field(stated, 'last-modified')
  if (etag !== undefined) fields.push('if-none-match', etag)
  if (modified !== undefined) fields.push('if-modified-since', modified)
  return fields
}

/** Without the `Date` and `Age` that a 304 that has none would leave behind. */
export function withoutDate(stored: readonly string[], update: readonly string[]): readonly string[] {
  const stated = fieldsOf(update)
  if (stated.date !== undefined) return stored
  return stored.filter((_, i) => stored[i - (i % 2)]!.toLowerCase() !== 'date')
}

/** What a visitor is shown of an updated response that is not stored any more. */
export function endToEnd(rawHeaders: readonly string[], surrogateKeys: 'remove' | 'forward'): string[] {
  return rawHeaders.filter((_, i) => {
    const name = rawHeaders[i - (i % 2)]!.toLowerCase()
    return !TRANSIENT.has(name) && (surrogateKeys === 'forward' || !SURROGATE_KEY_FIELDS.includes(name))
  })
}

const TRANSIENT: ReadonlySet<string> = new Set([
  'age',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'cache-status',
])
