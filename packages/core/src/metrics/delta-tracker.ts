import { subtractHistogram } from './histogram.ts'
import type { HistogramDelta, Labels } from '../ports/metric.ts'

interface Seen {
  startedAt: number
  at: number
  value: number | HistogramDelta
}

export interface DeltaTrackerOptions {
  /** Series remembered; the least recently updated is forgotten first. Default 50,000. */
  maxSeries?: number
  /** When this tracker began, in milliseconds since the epoch. Default: now. */
  since?: number
}

const countOf = (value: number | HistogramDelta): number => (typeof value === 'number' ? value : value.count)

const difference = (
  later: number | HistogramDelta,
  earlier: number | HistogramDelta,
): number | HistogramDelta | undefined => {
  if (typeof later === 'number') return typeof earlier === 'number' ? later - earlier : undefined
  return typeof earlier === 'number' ? undefined : subtractHistogram(later, earlier)
}

/**
 * Turns cumulative counters and histograms of foreign senders into deltas. A value below the last one, or a later
 * start time, is a restart of the sender: the new value is then the whole delta (as in Prometheus' `rate`). The first
 * value of a series counts only if the series began after this tracker did: an older total belongs to the past.
 */
export class DeltaTracker {
  readonly #seen = new Map<string, Seen>()
  readonly #maxSeries: number
  readonly #since: number

  constructor(options: DeltaTrackerOptions = {}) {
    this.#maxSeries = options.maxSeries ?? 50_000
    this.#since = options.since ?? Date.now()
  }

  get size(): number {
    return this.#seen.size
  }

  /** Undefined when nothing can be said yet: a first value, or one that arrived late or twice. */
  delta<Value extends number | HistogramDelta>(
    name: string,
    labels: Labels,
    point: { startedAt: number; at: number; value: Value },
  ): Value | undefined {
    const key = `${name}\u0000${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`
    const earlier = this.#seen.get(key)
    if (earlier !== undefined && point.at <= earlier.at) return undefined
    // Deleting first moves the key to the end: the map's order is the order of use.
    this.#seen.delete(key)
    this.#seen.set(key, point)
    if (this.#seen.size > this.#maxSeries) this.#seen.delete(this.#seen.keys().next().value as string)
    if (earlier === undefined) return point.startedAt >= this.#since ? point.value : undefined
    const restarted =
      countOf(point.value) < countOf(earlier.value) ||
      (point.startedAt > earlier.startedAt && point.startedAt > earlier.at - 1)
    if (restarted) return point.value
    return difference(point.value, earlier.value) as Value | undefined
  }
}
