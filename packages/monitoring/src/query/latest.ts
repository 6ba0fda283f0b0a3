import type { Labels, MetricReader } from '@millrace/core'
import type { Series } from '../storage/series.ts'
import { createAccumulator, type Accumulator } from './accumulator.ts'
import { checkAggregate } from './plan.ts'
import { groupOf } from './selector.ts'

type LatestQuery = Parameters<MetricReader['latest']>[0]

export interface LatestValue {
  labels: Labels
  value: number
  at: number
}

interface Group {
  labels: Labels
  accumulator: Accumulator
  oldest: number
  newest: number
  intervalMs: number
}

export const DEFAULT_WINDOW_MS = 30_000

/** The newest window of series in memory as one step per group; groups without a sample in it are left out. */
export function latestOf(list: readonly Series[], query: LatestQuery, now: number): LatestValue[] {
  const [first] = list
  if (first === undefined) return []
  checkAggregate(query.metric, first.kind, query.aggregate)
  const { slotMs } = first.rings.raw.tier
  // Without the present slot: it may still grow, and a rate over a part of it would be low.
  const to = Math.floor(now / slotMs)
  const from = to - Math.max(1, Math.ceil((query.windowMs ?? DEFAULT_WINDOW_MS) / slotMs))
  const groups = new Map<string, Group>()
  for (const series of list) {
    const { key, labels } = groupOf(series.labels, query.by)
    let group = groups.get(key)
    if (group === undefined) {
      const accumulator = createAccumulator(first.kind, 1)
      group = { labels, accumulator, oldest: Infinity, newest: -Infinity, intervalMs: slotMs }
      groups.set(key, group)
    }
    const target = group
    const sink = target.accumulator.sink((slot) => {
      target.oldest = Math.min(target.oldest, slot)
      target.newest = Math.max(target.newest, slot)
      target.intervalMs = Math.max(target.intervalMs, series.intervalMs)
      return 0
    })
    series.rings.raw.read(from, to - 1, sink)
    target.accumulator.endSeries()
  }
  return [...groups.values()].flatMap(({ labels, accumulator, oldest, newest, intervalMs }) => {
    // A series younger than the window, or one that reports rarely, is not diluted.
    const seconds = Math.max((to - oldest) * slotMs, intervalMs) / 1_000
    const value = accumulator.value(0, query.aggregate, seconds)
    return value === null ? [] : [{ labels, value, at: (newest + 1) * slotMs }]
  })
}
