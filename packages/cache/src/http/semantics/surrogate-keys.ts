import { field, listMembers, type Fields } from './fields.ts'

const MAX_KEYS = 64
const MAX_LENGTH = 256

/** Where origins name what a response is made of: parted by spaces, and by commas. */
export const SURROGATE_KEY_FIELDS: readonly string[] = ['surrogate-key', 'cache-tag']

/**
 * The surrogate keys of a response. Undefined when there are more than can be kept, 64 of 256 characters: such a
 * response must not be stored, because a purge by one of them would miss it.
 */
export function surrogateKeys(fields: Fields): readonly string[] | undefined {
  const spaced = field(fields, 'surrogate-key')
  const listed = field(fields, 'cache-tag')
  if (spaced === undefined && listed === undefined) return NONE
  const keys = new Set((spaced ?? '').split(/[\s,]+/).filter((key) => key !== ''))
  for (const key of listMembers(listed ?? '')) keys.add(key)
  for (const key of keys) if (key.length > MAX_LENGTH) return undefined
  return keys.size > MAX_KEYS ? undefined : [...keys]
}

const NONE: readonly string[] = []
