import { labelName } from './otlp-names.ts'
import type { Labels } from '../ports/metric.ts'

/** What one OTLP request may carry. Beyond `points`, further ones are rejected; labels are cut to size. */
export const OTLP_LIMITS = {
  points: 50_000,
  nameLength: 200,
  labels: 32,
  labelNameLength: 100,
  labelValueLength: 256,
  buckets: 4_096,
} as const

export type Json = Record<string, unknown>

export const asRecord = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A finite number; 64-bit integers arrive as strings in OTLP's JSON. */
export function readNumber(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value.length <= 32 && value !== ''
        ? Number(value)
        : NaN
  return Number.isFinite(number) ? number : undefined
}

export function readCount(value: unknown): number | undefined {
  const count = readNumber(value)
  return count !== undefined && count >= 0 && Number.isSafeInteger(count) ? count : undefined
}

/** Undefined when one of them is not a count, or when there are too many. Absent: none. */
export function readCounts(value: unknown): number[] | undefined {
  const list = asList(value)
  if (list.length > OTLP_LIMITS.buckets) return undefined
  const counts = list.map(readCount)
  return counts.includes(undefined) ? undefined : (counts as number[])
}

/** Nanoseconds since the epoch → milliseconds; undefined for absent and for 0, which OTLP uses as unknown. */
export function readMillis(value: unknown): number | undefined {
  const nanoseconds = readNumber(value)
  return nanoseconds !== undefined && nanoseconds > 0 ? Math.floor(nanoseconds / 1e6) : undefined
}

function readScalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return undefined
}

/** Scalars as text; lists of scalars joined by commas; anything nested deeper is left out. */
function readAttribute(value: unknown): string | undefined {
  const variant = asRecord(value)
  if (variant === undefined) return undefined
  const scalar = readScalar(
    variant['stringValue'] ?? variant['intValue'] ?? variant['doubleValue'] ?? variant['boolValue'],
  )
  if (scalar !== undefined) return scalar
  const values = asList(asRecord(variant['arrayValue'])?.['values']).slice(0, 16)
  const scalars = values.map((entry) => readScalar(Object.values(asRecord(entry) ?? {})[0]))
  return scalars.length > 0 && !scalars.includes(undefined) ? scalars.join(',') : undefined
}

/** One attribute's text, wherever in the list it stands. */
export function findAttribute(attributes: unknown, key: string): string | undefined {
  const entry = asList(attributes).find((candidate) => asRecord(candidate)?.['key'] === key)
  const text = readAttribute(asRecord(entry)?.['value'])
  return text === '' ? undefined : text?.slice(0, OTLP_LIMITS.labelValueLength)
}

/** `base` wins over an attribute of the same name: a sender cannot pass for another service. */
export function readLabels(attributes: unknown, base: Labels): Labels {
  const labels: Record<string, string> = {}
  let count = 0
  for (const entry of asList(attributes)) {
    if (count >= OTLP_LIMITS.labels) break
    const { key, value } = asRecord(entry) ?? {}
    if (typeof key !== 'string' || key === '' || key.length > OTLP_LIMITS.labelNameLength) continue
    const text = readAttribute(value)
    if (text === undefined) continue
    labels[labelName(key)] = text.slice(0, OTLP_LIMITS.labelValueLength)
    count++
  }
  return Object.assign(labels, base)
}
