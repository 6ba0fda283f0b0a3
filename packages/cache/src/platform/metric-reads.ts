import type { Aggregate, Labels, MetricReader } from '@millrace/core'
import { metricName } from '@millrace/core/metrics'
import { cacheMetrics } from '../metrics.ts'

type MetricKey = keyof typeof cacheMetrics

/** The name under which every process sends a metric of this package. */
export const nameOf = (key: MetricKey): string => metricName('cache', key, cacheMetrics[key])

export interface Reading {
  labels: Labels
  value: number
}

export interface ReadWindow {
  reader: MetricReader
  /** Milliseconds since the epoch. */
  now: number
  windowMs: number
}

/** What a counter grew by in the window, over all processes, by the labels named. */
export async function countOf(
  { reader, now, windowMs }: ReadWindow,
  key: MetricKey,
  by: readonly string[],
): Promise<Reading[]> {
  const { series } = await reader.range({
    metric: nameOf(key),
    from: now - windowMs,
    to: now,
    aggregate: 'sum',
    by,
  })
  return series.map(({ labels, values }) => ({
    labels,
    value: values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
  }))
}

/** Processes report every 2 s: short enough to be the present, long enough for a process that is busy. */
export const LEVEL_WINDOW_MS = 10_000

/** The present level of a gauge: levels of processes add up unless another aggregate is named. */
export const levelOf = async (
  { reader }: Pick<ReadWindow, 'reader'>,
  key: MetricKey,
  by: readonly string[],
  aggregate: Aggregate = 'sum',
): Promise<Reading[]> => reader.latest({ metric: nameOf(key), aggregate, by, windowMs: LEVEL_WINDOW_MS })
