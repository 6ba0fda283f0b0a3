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
