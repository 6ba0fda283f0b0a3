import type { Clock, Logger, MetricPoint, MetricWriter } from '@millrace/core'
import type { HistogramState } from '@millrace/core/metrics'
import type { MonitoringConfig } from '../config.ts'
import type { MonitoringInstruments } from '../metrics.ts'
import type { Ring } from '../storage/ring.ts'
import { noteGap, type Series, type SeriesIndex } from '../storage/series.ts'
import { MAX_LATENESS_MS, RESOLUTIONS, slotOf } from '../storage/tiers.ts'
import { disabledMetrics } from './metric-switches.ts'

/** A sender's clock may be this far ahead: such points are taken as from now. */
export const MAX_AHEAD_MS = 60_000

export type Refusal = 'invalid' | 'late' | 'future' | 'cardinality' | 'memory' | 'disabled' | 'kind'

export interface PointWriterOptions {
  index: SeriesIndex
  config: MonitoringConfig
  metrics: MonitoringInstruments
  clock: Clock
  logger: Logger
}

const isName = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/

function isHistogram(value: MetricPoint['value']): value is Exclude<MetricPoint['value'], number> {
  if (typeof value !== 'object' || value === null) return false
  const { count, sum, zeroCount, offset, buckets } = value
  if (!(count >= 0) || !Number.isFinite(sum) || !(zeroCount >= 0) || !Number.isInteger(offset)) return false
  // The range the recorder keeps to; anything else was not made by it.
  if (!Array.isArray(buckets) || offset < -512 || offset + buckets.length > 512) return false
  let total = zeroCount
  for (const bucket of buckets as readonly number[]) {
    if (!(bucket >= 0) || !Number.isSafeInteger(bucket)) return false
    total += bucket
  }
  return Number.isSafeInteger(zeroCount) && total === count
}

/** A counter's step back is no delta, a NaN is no level: neither may reach a sum. */
function isValid({ name, kind, value }: MetricPoint): boolean {
  if (!isName.test(name)) return false
  if (kind === 'histogram') return isHistogram(value)
  return typeof value === 'number' && Number.isFinite(value) && (kind === 'gauge' || value >= 0)
}

function addTo(ring: Ring, slot: number, value: number | HistogramState): boolean {
  return (ring as { add(slot: number, value: number | HistogramState): boolean }).add(slot, value)
}

/** Takes points into memory, at every resolution at once. */
export class PointWriter implements MetricWriter {
  readonly #options: PointWriterOptions
  readonly #isDisabled: (metric: string) => boolean
  readonly #warned = new Set<string>()
  #bytes = 0
  #writes = 0
  #newestNow = 0

  constructor(options: PointWriterOptions) {
    this.#options = options
    this.#isDisabled = disabledMetrics(options.config)
    this.#bytes = options.index.bytes()
  }

  write(points: readonly MetricPoint[]): { accepted: number; rejected: number } {
    const { metrics, clock, index } = this.#options
    const now = clock.now()
    if (now < this.#newestNow - MAX_AHEAD_MS) this.#clockWentBack(now)
    this.#newestNow = now
    let accepted = 0
    for (const point of points) {
      const refusal = this.#take(point, now)
      if (refusal === undefined) accepted++
      else this.#refuse(point, refusal, now)
    }
    // Adding up every ring is work: an estimate that is a few writes old is good enough for a bound.
    if (++this.#writes % 30 === 0) this.#bytes = index.bytes()
    metrics.points.add(accepted)
    return { accepted, rejected: points.length - accepted }
  }

  #take(point: MetricPoint, now: number): Refusal | undefined {
    if (!isValid(point) || !Number.isFinite(point.at)) return 'invalid'
    if (this.#isDisabled(point.name)) return 'disabled'
    if (point.at > now + MAX_AHEAD_MS) return 'future'
    if (point.at < now - MAX_LATENESS_MS) return 'late'
    const series = this.#options.index.find(point.name, point.labels) ?? this.#admit(point)
    if (typeof series === 'string') return series
    if (series.kind !== point.kind) return 'kind'
    const at = Math.min(point.at, now)
    for (const resolution of RESOLUTIONS) {
      const ring = series.rings[resolution]
      addTo(ring, slotOf(ring.tier, at), point.value)
    }
    if (at > series.lastAt) {
      if (series.lastAt > 0) noteGap(series, at - series.lastAt)
      series.lastAt = at
    }
    return undefined
  }

  #admit(point: MetricPoint): Series | Refusal {
    const { name, kind, unit, labels } = point
    const { index, config } = this.#options
    if (index.countOf(name) >= config.maxSeriesPerMetric) return 'cardinality'
    if (this.#bytes >= config.memory.maxBytes) return 'memory'
    const series = index.add({ metric: name, kind, unit, labels: { ...labels }, bornAt: point.at })
    this.#bytes += 512 + series.rings.raw.bytes + series.rings['1m'].bytes + series.rings['1h'].bytes
    return series
  }

  /** One warning per metric (or sender) and reason: a flood of bad points must not become a flood of log lines. */
  #refuse({ name, labels, at }: MetricPoint, reason: Refusal, now: number): void {
    const { metrics, logger, config } = this.#options
    metrics.rejected.with({ reason }).add()
    if (reason === 'disabled') return
    const bySender = reason === 'late' || reason === 'future'
    const key = bySender
      ? `${reason} ${labels['service']} ${labels['instance']}`
      : `${reason} ${name}`.slice(0, 200)
    if (this.#warned.has(key) || this.#warned.size >= 1_000) return
    this.#warned.add(key)
    const facts = {
      metric: name,
      reason,
      service: labels['service'],
      instance: labels['instance'],
      ...(bySender ? { clockDifferenceMs: Math.round(at - now) } : {}),
      ...(reason === 'cardinality' ? { maxSeriesPerMetric: config.maxSeriesPerMetric } : {}),
    }
    logger.warn(facts, 'metric points are refused; further ones like this are only counted')
  }

  /** Points of the time that comes again would be late against what was written before: that part is forgotten. */
  #clockWentBack(now: number): void {
    this.#options.logger.warn({ byMs: this.#newestNow - now }, 'the wall clock was set back')
    for (const series of this.#options.index.all()) {
      series.lastAt = Math.min(series.lastAt, now)
      series.completeFrom = Math.min(series.completeFrom, now)
      for (const resolution of RESOLUTIONS) {
        const ring = series.rings[resolution]
        ring.truncate(slotOf(ring.tier, now))
      }
    }
  }
}
