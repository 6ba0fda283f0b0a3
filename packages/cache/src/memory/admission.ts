import { cacheErrors } from '../errors.ts'
import type { Namespace } from '../namespace.ts'
import { checkTtl, type SetOptions } from '../options.ts'
import { findPath, measureValue } from './size.ts'

/**
 * Text that is not well-formed Unicode has no bytes of its own: two identifiers would be one key of a shared store.
 * @throws CACHE_KEY_INVALID, CACHE_KEY_TOO_LONG
 */
export function checkKey(space: Namespace, id: string, max: number): void {
  if (typeof id !== 'string' || !id.isWellFormed()) {
    throw cacheErrors.KEY_INVALID({ namespace: space.name, type: typeof id })
  }
  if (id.length <= max) return
  throw cacheErrors.KEY_TOO_LONG({ namespace: space.name, length: id.length, max })
}

/**
 * Whether a value may be cached under that key, and its estimated bytes.
 * @throws CACHE_KEY_INVALID, CACHE_KEY_TOO_LONG, CACHE_TTL_INVALID, CACHE_VALUE_NOT_SERIALISABLE
 */
export function checkEntry(
  space: Namespace,
  id: string,
  value: unknown,
  options: SetOptions,
  maxKeyLength: number,
): number {
  checkKey(space, id, maxKeyLength)
  if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
  const size = options.sizeBytes ?? measureValue(value)
  if (typeof size === 'number') return size
  const path = findPath(value, size.type)
  throw cacheErrors.VALUE_NOT_SERIALISABLE({ namespace: space.name, id, path, type: size.type })
}
