/** Bytes of one JSON value in the audit log. A longer one is replaced by its size. */
export const MAX_JSON_BYTES = 32 * 1024

/**
 * A value as text for a jsonb column; null for undefined. PostgreSQL refuses the character U+0000 and lone surrogates,
 * which JSON allows, so both become U+FFFD.
 */
export function toJsonColumn(value: unknown): string | null {
  if (value === undefined) return null
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed().replaceAll('\u0000', '\uFFFD') : item,
  ) as string | undefined
  if (text === undefined) return null
  // Keys pass the replacer untouched; one with such a character is rare enough to drop the whole value.
  if (/\\u0000|\\ud[89a-f]/i.test(text)) return JSON.stringify({ unreadable: true })
  const bytes = Buffer.byteLength(text)
  return bytes > MAX_JSON_BYTES ? JSON.stringify({ truncated: true, bytes }) : text
}
