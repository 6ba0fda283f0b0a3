import { formatUnit, type Unit } from '../format/units.ts'

export interface Leaf {
  /** `health.intervalMs` */
  path: string
  value: unknown
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Leaves of a tree by path; lists and empty objects are leaves. */
export function flatten(value: unknown, prefix = ''): Leaf[] {
  if (!isPlain(value) || Object.keys(value).length === 0)
    return prefix === '' ? [] : [{ path: prefix, value }]
  return Object.entries(value).flatMap(([key, child]) =>
    flatten(child, prefix === '' ? key : `${prefix}.${key}`),
  )
}

/** A value on one line; lists as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'not set'
  if (typeof value === 'string') return value === '' ? '""' : value
  return JSON.stringify(value)
}

/** `hitRatio` → `Hit ratio`; `pools.0.ready` → `Pools 0 ready`. */
export function humanise(path: string): string {
  const words = path
    .replaceAll('.', ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** Units at the end of a name, as our conventions write them: `memoryUsedBytes`, `p95Seconds`, `windowMs`. */
const UNITS: readonly [suffix: RegExp, unit: Unit, factor: number][] = [
  [/Seconds$/, 's', 1],
  [/Ms$/, 's', 0.001],
  [/Bytes$|^bytes$|\.bytes$/, 'By', 1],
  [/Ratio$/, 'ratio', 1],
  [/Percent$/, 'ratio', 0.01],
  [/PerSecond$/, '/s', 1],
]

/** A named number as a person reads it: `p95Seconds: 0.0043` → `P95`, `4.3 ms`. */
export function measure(path: string, value: number): { label: string; text: string } {
  const known = UNITS.find(([suffix]) => suffix.test(path))
  if (known === undefined) return { label: humanise(path), text: formatUnit(value, '') }
  const [suffix, unit, factor] = known
  const stripped = path.replace(suffix, '')
  const label =
    unit === 'ratio' || unit === '/s' || stripped === '' || stripped.endsWith('.') ? path : stripped
  return { label: humanise(label.replace(/PerSecond$/, '')), text: formatUnit(value * factor, unit) }
}
