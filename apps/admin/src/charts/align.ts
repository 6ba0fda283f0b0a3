import type { RangeResult, RangeSeries } from '@millrace/core'

export type Values = (number | null)[]

export interface ChartSeries {
  /** Unique in its chart; shown in the legend, the table and the CSV. */
  label: string
  values: Values
  color?: string
  /** Drawn dashed and behind: the previous period. */
  compare?: boolean
}

/** Columns on one time axis, as the chart, the table and the CSV use them. */
export interface ChartData {
  /** Milliseconds since the epoch, ascending, one per step: a missing step is present with null values. */
  times: number[]
  series: ChartSeries[]
  stepMs: number
}

/** Ends the label of a line of the previous period; without it, the label is that of its present line. */
export const BEFORE = ' before'

export interface LabelledSeries {
  label: string
  series: RangeSeries
  color?: string
  compare?: boolean
  /** Added to every time: moves the previous period under the present one. */
  shiftMs?: number
}

// A wrong step from the server must not make the panel allocate without end.
const MAX_STEPS = 20_000

/**
 * Puts series with their own times on one gapless grid. Steps that a series does not have become null, so that a
 * silence is a gap in the line and never a straight line over it, or a zero.
 */
export function alignSeries(parts: readonly LabelledSeries[], stepMs: number): ChartData {
  let first = Infinity
  let last = -Infinity
  for (const { series, shiftMs = 0 } of parts) {
    if (series.times.length === 0) continue
    first = Math.min(first, series.times[0]! + shiftMs)
    last = Math.max(last, series.times.at(-1)! + shiftMs)
  }
  const step = Math.max(1, stepMs)
  const count = last >= first ? Math.min(MAX_STEPS, Math.round((last - first) / step) + 1) : 0
  const times = Array.from({ length: count }, (_, index) => first + index * step)
  const unique = uniqueLabels()
  return {
    times,
    stepMs: step,
    series: parts.map(({ label, series, color, compare, shiftMs = 0 }) => {
      const values: Values = Array.from({ length: count }, () => null)
      for (let index = 0; index < series.times.length; index++) {
        const slot = Math.round((series.times[index]! + shiftMs - first) / step)
        if (slot >= 0 && slot < count) values[slot] = series.values[index] ?? null
      }
      return {
        label: unique(label),
        values,
        ...(color === undefined ? {} : { color }),
        ...(compare ? { compare } : {}),
      }
    }),
  }
}

/** Labels are keys in the legend and columns of the CSV: a second `shop/1` becomes `shop/1 (2)`. */
function uniqueLabels(): (label: string) => string {
  const seen = new Map<string, number>()
  return (label) => {
    const count = (seen.get(label) ?? 0) + 1
    seen.set(label, count)
    return count === 1 ? label : `${label} (${count})`
  }
}

/** Sums series step by step; null only where every one of them is. Times are those of the union. */
export function sumSeries(parts: readonly RangeSeries[]): RangeSeries {
  const totals = new Map<number, number | null>()
  for (const part of parts) {
    for (let index = 0; index < part.times.length; index++) {
      const at = part.times[index]!
      const value = part.values[index] ?? null
      const before = totals.get(at) ?? null
      totals.set(at, value === null ? before : (before ?? 0) + value)
    }
  }
  const times = [...totals.keys()].toSorted((a, b) => a - b)
  return { labels: {}, times, values: times.map((at) => totals.get(at)!) }
}

/** Divides step by step: null where the whole is missing; zero of something is zero, of nothing is unknown. */
export function ratioSeries(part: RangeSeries, whole: RangeSeries): RangeSeries {
  const parts = new Map(part.times.map((at, index) => [at, part.values[index] ?? null]))
  return {
    labels: {},
    times: whole.times,
    values: whole.times.map((at, index) => {
      const total = whole.values[index] ?? null
      return total === null || total === 0 ? null : (parts.get(at) ?? 0) / total
    }),
  }
}

/** The newest value that is not missing. */
export function lastValue(values: Values | undefined): number | null {
  return values?.findLast((value) => value !== null) ?? null
}

export const isEmpty = (data: ChartData): boolean =>
  data.series.every(({ values }) => values.every((value) => value === null))

/** `service=shop instance=shop/1` → `shop/1` when the labels allow it: the shortest text that tells series apart. */
export function seriesName(labels: RangeResult['series'][number]['labels'], fallback: string): string {
  const { service, instance, ...rest } = labels
  const others = Object.values(rest).filter((value) => value !== '')
  const origin = instance === undefined || instance === '' ? service : instance
  const name = [origin, ...others].filter((part) => part !== undefined && part !== '').join(' ')
  return name === '' ? fallback : name
}
