import { monitoringErrors } from './errors.ts'

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * Milliseconds since the epoch, ISO 8601, `now`, and times before now: `now-15m`, `-6h`, `-7d`.
 * Throws MONITORING_TIME_INVALID.
 */
export function parseTime(field: string, value: string | number, now: number): number {
  if (typeof value === 'number') return value
  const text = value.trim()
  if (text === 'now') return now
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const relative = /^(?:now)?-(\d{1,6})([smhdw])$/.exec(text)
  if (relative !== null) return now - Number(relative[1]) * (UNITS[relative[2] as string] as number)
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(at)) throw monitoringErrors.TIME_INVALID({ field, value: value.slice(0, 100) })
  return at
}

/** `24h` → the last 24 hours. */
export function lastRange(timeRange: string, now: number): { from: number; to: number } {
  return { from: parseTime('timeRange', `-${timeRange}`, now), to: now }
}
