import { deserialize, serialize } from 'node:v8'
import { foreignClass } from './plain-data.ts'
import type { ValueType } from './value-type.ts'

const UNDEFINED = 0
const JSON_TEXT = 1
const V8 = 2
const STRING = 3
const BYTES = 4
const FIRST_REGISTERED = 16
const LAST_REGISTERED = 255
/** Deeper values go through v8, whose walk needs no recursion of ours. */
const MAX_JSON_DEPTH = 32
/** So does what has more parts: one that stands in a value many times over would be written as often in JSON. */
const MAX_JSON_PARTS = 200_000
const NO_BYTES = Buffer.alloc(0)

/** Values to bytes and back: plain JSON as JSON, which is the fastest, anything else that `structuredClone` knows as v8 does. */
export class ValueTypes {
  readonly #registered = new Map<number, ValueType>()

  register(type: ValueType): void {
    if (!Number.isInteger(type.code) || type.code < FIRST_REGISTERED || type.code > LAST_REGISTERED) {
      throw new TypeError(
        `The code of a value type is ${FIRST_REGISTERED} to ${LAST_REGISTERED}: ${type.code}`,
      )
    }
    this.#registered.set(type.code, type)
  }

  /** Throws for what has no bytes, such as a SharedArrayBuffer or an instance of a class that is not registered. */
  encode(value: unknown): { code: number; bytes: Buffer } {
    if (value === undefined) return { code: UNDEFINED, bytes: NO_BYTES }
    if (typeof value === 'string' && value.isWellFormed()) return { code: STRING, bytes: Buffer.from(value) }
    if (Buffer.isBuffer(value)) return { code: BYTES, bytes: value }
    for (const type of this.#registered.values()) {
      if (type.matches(value)) return { code: type.code, bytes: type.encode(value) }
    }
    if (isJson(value, 0, { parts: MAX_JSON_PARTS }))
      return { code: JSON_TEXT, bytes: Buffer.from(JSON.stringify(value)) }
    // Another process would get a bare object that only looks like it.
    const foreign = foreignClass(value)
    if (foreign !== undefined) throw new TypeError(`an instance of ${foreign} is no plain data`)
    return { code: V8, bytes: serialize(value) }
  }

  /** Throws for bytes that are no such value, and for a type that is not registered here. */
  decode(code: number, bytes: Buffer): unknown {
    switch (code) {
      case UNDEFINED:
        return undefined
      case JSON_TEXT:
        return JSON.parse(bytes.toString()) as unknown
      case V8:
        return deserialize(bytes)
      case STRING:
        return bytes.toString()
      case BYTES:
        return copyOf(bytes)
      default: {
        const type = this.#registered.get(code)
        if (type === undefined) throw new TypeError(`unknown value type ${code}`)
        return type.decode(bytes)
      }
    }
  }
}

/** In memory of its own: a part of a server's answer would keep all of it. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** Whether JSON brings back exactly this value. */
function isJson(value: unknown, depth: number, left: { parts: number }): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > MAX_JSON_DEPTH || --left.parts < 0) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isJson(value[i], depth + 1, left)) return false
    return Object.keys(value).length === value.length
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false
  for (const key in value) {
    if (!isJson((value as Record<string, unknown>)[key], depth + 1, left)) return false
  }
  return true
}
