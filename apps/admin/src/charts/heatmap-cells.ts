import type { RangeSeries } from '@millrace/core'

/** Percentiles that are read for the heatmap, with the share of requests that were at least as fast. */
export const HEAT_QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const

export interface HeatCell {
  /** Share of the column's requests in this band, 0–1. */
  share: number
  lower: number
  upper: number
}

export interface HeatColumn {
  at: number
  cells: HeatCell[]
}

/** What a heatmap draws. */
export interface Heat {
  /** Bounds of the latency bands, ascending: one more than there are rows. */
  bands: number[]
  columns: HeatColumn[]
  stepMs: number
}

/**
 * Latency bands, logarithmic like the perception of waiting: four per doubling would be finer than a percentile
 * series can tell, two per doubling is what it can.
 */
export function latencyBands(min: number, max: number): number[] {
  const start = Math.floor(Math.log2(Math.max(min, 1e-5)) * 2)
  const end = Math.max(start + 1, Math.ceil(Math.log2(Math.max(max, 2e-5)) * 2))
  return Array.from({ length: end - start + 1 }, (_, index) => 2 ** ((start + index) / 2))
}

/** The share of requests that took at most `value`, between known percentiles linear in the logarithm of time. */
function cumulative(points: readonly (readonly [number, number])[], value: number): number {
  const first = points[0]!
  // Below the median nothing is known: the lower half is drawn as one band down to half of the median.
  if (value <= first[1]) {
    const floor = first[1] / 2
    return value <= floor ? 0 : first[0] * (Math.log(value / floor) / Math.log(2))
  }
  for (let index = 1; index < points.length; index++) {
    const [share, at] = points[index]!
    const [shareBefore, before] = points[index - 1]!
    if (value < at)
      return shareBefore + (share - shareBefore) * (Math.log(value / before) / Math.log(at / before))
  }
  return 1
}

/**
 * Columns of a latency heatmap from percentile series of equal times: how many of the requests of a step fell into
 * each latency band. Steps without requests give no column. The percentiles are exact; their spread between two of
 * them is interpolated, which the caption of the chart says.
 */
export function heatOf(percentiles: readonly RangeSeries[], stepMs: number): Heat {
  const times = percentiles[0]?.times ?? []
  const known = times.map((at, step) => {
    const points = HEAT_QUANTILES.flatMap(([, share], index) => {
      const value = percentiles[index]?.values[step] ?? null
      return value === null || value <= 0 ? [] : [[share, value] as const]
    })
    return { at, points }
  })
  const filled = known.filter(({ points }) => points.length > 0)
  if (filled.length === 0) return { bands: [], columns: [], stepMs }
  const all = filled.flatMap(({ points }) => points.map(([, value]) => value))
  const bands = latencyBands(Math.min(...all) / 2, Math.max(...all))
  const columns = filled.map(({ at, points }) => ({
    at,
    cells: bands.slice(1).map((upper, index) => {
      const lower = bands[index]!
      return { lower, upper, share: Math.max(0, cumulative(points, upper) - cumulative(points, lower)) }
    }),
  }))
  return { bands, columns, stepMs }
}
