import type { Labels, MetricKind } from '@millrace/core'
import { createRing, type Ring } from './ring.ts'
import { RESOLUTIONS, slotOf, type Resolution, type Tier } from './tiers.ts'

export interface Series {
  /** Unique in this process. */
  number: number
  metric: string
  kind: MetricKind
  unit: string
  labels: Labels
  /** Of the row in PostgreSQL; undefined until the first flush. */
  id: number | undefined
  rings: Record<Resolution, Ring>
  /** Milliseconds since the epoch of the newest point. */
  lastAt: number
  /**
   * Memory holds everything of this series since then, in milliseconds since the epoch: since its first point until
   * the first flush has looked whether PostgreSQL knows it already, afterwards 0, for as far back as the rings reach.
   */
  completeFrom: number
  /** How often points come: the median of the last three gaps in milliseconds; 0 until there are three. */
  intervalMs: number
  gaps: number[]
}

export const seriesKey = (metric: string, labels: Labels): string => {
  let key = metric
  for (const name of Object.keys(labels).sort()) key += `\u0000${name}\u0000${labels[name]}`
  return key
}

export const seriesBytes = (series: Series): number =>
  RESOLUTIONS.reduce((sum, resolution) => sum + series.rings[resolution].bytes, 512)

/** The median, so that one outage does not make a sender look slow. */
export function noteGap(series: Series, gapMs: number): void {
  series.gaps.push(gapMs)
  if (series.gaps.length > 3) series.gaps.shift()
  const [a, b, c] = series.gaps
  if (a === undefined || b === undefined || c === undefined) return
  series.intervalMs = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** Oldest slot for which memory alone answers. */
export function memoryFrom(series: Series, resolution: Resolution): number {
  const ring = series.rings[resolution]
  return Math.max(ring.first, slotOf(ring.tier, series.completeFrom))
}

/** Every series with samples in memory, by metric. */
export class SeriesIndex {
  readonly tiers: Record<Resolution, Tier>
  readonly #byKey = new Map<string, Series>()
  #numbers = 0
  readonly #byMetric = new Map<string, Set<Series>>()

  constructor(tiers: Record<Resolution, Tier>) {
    this.tiers = tiers
  }

  get size(): number {
    return this.#byKey.size
  }

  find(metric: string, labels: Labels): Series | undefined {
    return this.#byKey.get(seriesKey(metric, labels))
  }

  countOf(metric: string): number {
    return this.#byMetric.get(metric)?.size ?? 0
  }

  ofMetric(metric: string): Iterable<Series> {
    return this.#byMetric.get(metric) ?? []
  }

  all(): Iterable<Series> {
    return this.#byKey.values()
  }

  metrics(): Iterable<string> {
    return this.#byMetric.keys()
  }

  add(head: Pick<Series, 'metric' | 'kind' | 'unit' | 'labels'> & { id?: number; bornAt?: number }): Series {
    const rings = {
      raw: createRing(head.kind, this.tiers.raw),
      '1m': createRing(head.kind, this.tiers['1m']),
      '1h': createRing(head.kind, this.tiers['1h']),
    }
    const { metric, kind, unit, labels, id, bornAt = 0 } = head
    const series: Series = {
      number: this.#numbers++,
      metric,
      kind,
      unit,
      labels,
      id,
      rings,
      lastAt: 0,
      completeFrom: bornAt,
      intervalMs: 0,
      gaps: [],
    }
    this.#byKey.set(seriesKey(head.metric, head.labels), series)
    const set = this.#byMetric.get(head.metric) ?? new Set()
    this.#byMetric.set(head.metric, set.add(series))
    return series
  }

  remove(series: Series): void {
    this.#byKey.delete(seriesKey(series.metric, series.labels))
    const set = this.#byMetric.get(series.metric)
    set?.delete(series)
    if (set?.size === 0) this.#byMetric.delete(series.metric)
  }

  bytes(): number {
    let sum = 0
    for (const series of this.#byKey.values()) sum += seriesBytes(series)
    return sum
  }
}
