import { types } from 'node:util'

/**
 * The name of a class of which some part of a value is an instance, unless it is one that v8 brings back as it was.
 * Undefined: plain data. No recursion, so depth is unlimited; shared parts and cycles are looked at once.
 */
export function foreignClass(value: unknown): string | undefined {
  const seen = new Set<unknown>()
  const pending = [value]
  while (pending.length > 0) {
    const item = pending.pop()
    if (typeof item !== 'object' || item === null || seen.has(item) || isKnown(item)) continue
    seen.add(item)
    if (Array.isArray(item)) for (const part of item) pending.push(part)
    else if (types.isMap(item)) for (const [key, part] of item) pending.push(key, part)
    else if (types.isSet(item)) for (const part of item) pending.push(part)
    else if (isPlain(item)) for (const part of Object.values(item)) pending.push(part)
    else return (item.constructor as { name?: string } | undefined)?.name ?? 'a class without a name'
  }
  return undefined
}

/** An object literal, of another realm too, or one without a prototype. */
function isPlain(item: object): boolean {
  const prototype = Object.getPrototypeOf(item) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const isKnown = (item: object): boolean =>
  ArrayBuffer.isView(item) ||
  types.isAnyArrayBuffer(item) ||
  types.isDate(item) ||
  types.isRegExp(item) ||
  types.isNativeError(item) ||
  types.isBoxedPrimitive(item)
