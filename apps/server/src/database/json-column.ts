import { REDACTED_VALUE } from '@millrace/core'

/** Bytes of one JSON value in the audit log. A longer one is replaced by its size. */
export const MAX_JSON_BYTES = 32 * 1024

const SECRET_NAME = /passw|passphrase|secret|token|credential|api_?key|private_?key|authorization|cookie/i

const UNREADABLE = JSON.stringify({ unreadable: true })

/**
 * A value as text for a jsonb column; null for undefined. PostgreSQL refuses the character U+0000 and lone surrogates,
 * which JSON allows, so both become U+FFFD. Texts under names that sound like a secret are left out, whether or not their
 * schema said so: what is written here stays.
 */
export function toJsonColumn(value: unknown): string | null {
  if (value === undefined) return null
  let text: string | undefined
  try {
    text = JSON.stringify(value, (key, item: unknown) => {
      if (typeof item !== 'string') return item
      return SECRET_NAME.test(key) ? REDACTED_VALUE : item.toWellFormed().replaceAll('\u0000', '\uFFFD')
    }) as string | undefined
  } catch {
    // A circle, a BigInt, a `toJSON` that fails: the rest of the row is worth more than this value.
    return UNREADABLE
  }
  if (text === undefined) return null
  // Keys pass the replacer untouched; one with such a character is rare enough to drop the whole value.
  if (/\\u0000|\\ud[89a-f]/i.test(text)) return UNREADABLE
  const bytes = Buffer.byteLength(text)
  return bytes > MAX_JSON_BYTES ? JSON.stringify({ truncated: true, bytes }) : text
}
