/** Map slot, entry object with its links, and the identifier's header. */
const ENTRY_OVERHEAD = 240
const WIDE = /[\u0100-\uffff]/

/** Memory of an entry besides its value. */
export const entryOverhead = (id: string): number => ENTRY_OVERHEAD + stringBytes(id)

/** V8 keeps a string in one byte per character unless one of them needs two. */
const stringBytes = (text: string): number => 16 + text.length * (WIDE.test(text) ? 2 : 1)

export interface Unserialisable {
  /** `function`, `symbol`, `Promise`, `WeakMap`, … */
  type: string
}

/**
 * Estimates the memory of a value, in bytes, in one walk that also finds what cannot be cached. Meant to be cheap
 * and within a factor of two of the real heap, not exact. Cycles and shared parts count once; no recursion, so depth
 * is unlimited.
 */
export function measureValue(value: unknown): number | Unserialisable {
  if (typeof value === 'string') return stringBytes(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return 8
  if (Buffer.isBuffer(value)) return 96 + value.byteLength
  let bytes = 0
  const pending: unknown[] = []
  // Most values are flat: what they consist of need not be remembered.
  let seen: Set<object> | undefined
  if (typeof value === 'object') {
    const size = objectBytes(value, pending)
    if (typeof size !== 'number') return size
    bytes = size
  } else pending.push(value)
  while (pending.length > 0) {
    const item = pending.pop()
    const type = typeof item
    if (type === 'string') bytes += stringBytes(item as string)
    else if (type === 'bigint') bytes += 24
    else if (type === 'function' || type === 'symbol') return { type }
    else if (type !== 'object' || item === null) bytes += 8
    else if (!(seen ??= new Set([value as object])).has(item as object)) {
      seen.add(item as object)
      const size = objectBytes(item as object, pending)
      if (typeof size !== 'number') return size
      bytes += size
    }
  }
  return bytes
}

/** Own size of an object; its parts are pushed to `pending`. */
function objectBytes(item: object, pending: unknown[]): number | Unserialisable {
  if (Array.isArray(item)) {
    for (const part of item) pending.push(part)
    return 24 + item.length * 8
  }
  if (ArrayBuffer.isView(item)) return 96 + item.byteLength
  if (item instanceof ArrayBuffer || item instanceof SharedArrayBuffer) return 64 + item.byteLength
  if (item instanceof Date || item instanceof RegExp) return 64
  if (item instanceof Map) {
    for (const [key, part] of item) pending.push(key, part)
    return 64 + item.size * 40
  }
  if (item instanceof Set) {
    for (const part of item) pending.push(part)
    return 64 + item.size * 32
  }
  if (
    item instanceof Promise ||
    item instanceof WeakMap ||
    item instanceof WeakSet ||
    item instanceof WeakRef
  ) {
    return { type: item.constructor.name }
  }
  let count = 0
  for (const key of Object.keys(item)) {
    pending.push((item as Record<string, unknown>)[key])
    count++
  }
  return 32 + count * 16
}

/** Where in a value the first part of that type stands: `user.tags[3]`. For the error message only. */
export function findPath(value: unknown, type: string): string {
  const seen = new Set<unknown>()
  const pending: { item: unknown; path: string }[] = [{ item: value, path: '' }]
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    const { item, path } = at
    if (typeof item === type || item?.constructor?.name === type) return path === '' ? 'value' : path
    if (typeof item !== 'object' || item === null || seen.has(item)) continue
    seen.add(item)
    if (item instanceof Map || item instanceof Set) {
      for (const part of item.values()) pending.push({ item: part, path: `${path}(entry)` })
    } else if (Array.isArray(item)) {
      item.forEach((part, index) => pending.push({ item: part, path: `${path}[${index}]` }))
    } else {
      for (const [key, part] of Object.entries(item)) {
        pending.push({ item: part, path: path === '' ? key : `${path}.${key}` })
      }
    }
  }
  return 'value'
}
