// JSON.stringify writes whole pairs as they are, so an escaped surrogate is a lone one. An even number of backslashes
// before it is text, not an escape.
const REFUSED_BY_JSONB = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i

/** Why PostgreSQL cannot keep a value as jsonb; undefined when it can. */
export function reasonNotStorable(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text !== undefined && REFUSED_BY_JSONB.test(text)
      ? 'a text in it contains U+0000 or half of a surrogate pair'
      : undefined
  } catch (error) {
    return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  }
}
