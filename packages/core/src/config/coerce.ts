import type { z } from 'zod'
import { definitionOf, innermost } from './schema-tree.ts'

const TRUE = new Set(['true', '1', 'yes', 'on'])
const FALSE = new Set(['false', '0', 'no', 'off'])
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

export type Coerced = { ok: true; value: unknown } | { ok: false; expected: string }

/**
 * Reads the text of an environment variable or a flag as the schema's type: numbers in decimal, booleans as
 * true/false, 1/0, yes/no or on/off, lists separated by commas or as a JSON array, objects as JSON, unions as the first
 * option that accepts the text. Only the type is settled here; ranges and the rest are the schema's business.
 */
export function coerceText(schema: z.ZodType, text: string): Coerced {
  const inner = innermost(schema)
  const def = definitionOf(inner)
  switch (def.type) {
    case 'number':
    case 'int':
      return DECIMAL.test(text.trim())
        ? { ok: true, value: Number(text) }
        : { ok: false, expected: 'a number' }
    case 'bigint':
      return /^-?\d+$/.test(text.trim())
        ? { ok: true, value: BigInt(text.trim()) }
        : { ok: false, expected: 'a whole number' }
    case 'boolean': {
      const word = text.trim().toLowerCase()
      if (TRUE.has(word)) return { ok: true, value: true }
      if (FALSE.has(word)) return { ok: true, value: false }
      return { ok: false, expected: 'true or false' }
    }
    case 'literal': {
      const match = (def.values ?? []).find((value) => String(value) === text)
      return { ok: true, value: match ?? text }
    }
    case 'enum': {
      const match = Object.values(def.entries ?? {}).find((value) => String(value) === text)
      return { ok: true, value: match ?? text }
    }
    case 'array':
      return coerceList(def.element, text)
    case 'object':
    case 'record':
    case 'tuple':
      return fromJson(text, 'JSON')
    case 'union':
      return coerceUnion(def.options ?? [], text)
    default:
      return { ok: true, value: text }
  }
}

function coerceList(element: z.ZodType | undefined, text: string): Coerced {
  if (text.trimStart().startsWith('[')) return fromJson(text, 'a JSON array')
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (element === undefined) return { ok: true, value: parts }
  const values: unknown[] = []
  for (const part of parts) {
    const item = coerceText(element, part)
    if (!item.ok) return { ok: false, expected: `a list, separated by commas, each entry ${item.expected}` }
    values.push(item.value)
  }
  return { ok: true, value: values }
}

function coerceUnion(options: readonly z.ZodType[], text: string): Coerced {
  for (const option of options) {
    const read = coerceText(option, text)
    if (read.ok && option.safeParse(read.value).success) return read
  }
  // None accepts it: the schema's own error, with every accepted form, is the better one.
  return { ok: true, value: text }
}

function fromJson(text: string, expected: string): Coerced {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return { ok: false, expected }
  }
}
