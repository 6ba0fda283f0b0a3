import type { DeltaTracker } from './delta-tracker.ts'
import { explicitToExponential, rescaleExponential } from './foreign-histogram.ts'
import { CUMULATIVE_TEMPORALITY, OTLP_SCOPE } from './otlp.ts'
import {
  asList,
  asRecord,
  findAttribute,
  OTLP_LIMITS,
  readCount,
  readCounts,
  readLabels,
  readMillis,
  readNumber,
  type Json,
} from './otlp-fields.ts'
import { prometheusName, sanitizeName } from './otlp-names.ts'
import type { HistogramDelta, Labels, MetricKind, MetricPoint } from '../ports/metric.ts'

export interface DecodeOptions {
  /** Keeps the last cumulative values; one per receiver. Without it cumulative sums and histograms are rejected. */
  tracker?: DeltaTracker
  /** Milliseconds since the epoch, for points without a time. Default: now. */
  receivedAt?: number
}

export interface DecodedMetrics {
  points: MetricPoint[]
  /** Points refused: malformed, beyond a limit, or of a kind that cannot be stored. */
  rejected: number
}

interface Metric {
  name: string
  unit: string
  /** Our own names travel as they are. */
  own: boolean
}

class Decoder {
  readonly points: MetricPoint[] = []
  rejected = 0
  readonly #tracker: DeltaTracker | undefined
  readonly #receivedAt: number

  constructor(options: DecodeOptions) {
    this.#tracker = options.tracker
    this.#receivedAt = options.receivedAt ?? Date.now()
  }

  metric(raw: Json, resource: Labels, own: boolean): void {
    const { name, unit } = raw
    const metric = { name: String(name), unit: typeof unit === 'string' ? unit.slice(0, 63) : '', own }
    const data = asRecord(
      raw['sum'] ?? raw['gauge'] ?? raw['exponentialHistogram'] ?? raw['histogram'] ?? raw['summary'],
    )
    const list = asList(data?.['dataPoints'])
    if (
      typeof name !== 'string' ||
      name === '' ||
      name.length > OTLP_LIMITS.nameLength ||
      data === undefined
    ) {
      this.rejected += Math.max(1, list.length)
      return
    }
    for (const entry of list) {
      const point = asRecord(entry)
      if (point === undefined || this.points.length >= OTLP_LIMITS.points) this.rejected++
      else this.#point(metric, raw, data, point, readLabels(point['attributes'], resource))
    }
  }

  #point(metric: Metric, raw: Json, data: Json, point: Json, labels: Labels): void {
    if ('summary' in raw) {
      this.#summary(metric, point, labels)
      return
    }
    if ('gauge' in raw || ('sum' in raw && data['isMonotonic'] !== true)) {
      // A sum that may fall is a level; its deltas would have to be added up over the sender's whole life.
      const delta = 'sum' in raw && data['aggregationTemporality'] !== CUMULATIVE_TEMPORALITY
      const value = readNumber(point['asDouble'] ?? point['asInt'])
      if (delta || value === undefined) this.rejected++
      else this.#push(metric, 'gauge', point, labels, value)
      return
    }
    const kind = 'sum' in raw ? 'counter' : 'histogram'
    const value = this.#cumulative(kind, raw, point)
    if (value === undefined) {
      this.rejected++
      return
    }
    if (data['aggregationTemporality'] !== CUMULATIVE_TEMPORALITY) {
      this.#push(metric, kind, point, labels, value)
      return
    }
    if (this.#tracker === undefined) {
      this.rejected++
      return
    }
    const at = readMillis(point['timeUnixNano']) ?? this.#receivedAt
    const startedAt = readMillis(point['startTimeUnixNano']) ?? 0
    const delta = this.#tracker.delta(metric.name, labels, { startedAt, at, value })
    if (delta !== undefined) this.#push(metric, kind, point, labels, delta)
  }

  #cumulative(kind: MetricKind, raw: Json, point: Json): number | HistogramDelta | undefined {
    if (kind === 'counter') {
      const value = readNumber(point['asDouble'] ?? point['asInt'])
      return value !== undefined && value >= 0 ? value : undefined
    }
    return 'exponentialHistogram' in raw ? this.#exponential(point) : this.#explicit(point)
  }

  #exponential(point: Json): HistogramDelta | undefined {
    const positive = asRecord(point['positive']) ?? {}
    const counts = readCounts(positive['bucketCounts'])
    const negative = readCounts(asRecord(point['negative'])?.['bucketCounts'])
    const zeroCount = readCount(point['zeroCount'] ?? 0)
    const scale = readNumber(point['scale'] ?? 0)
    const offset = readNumber(positive['offset'] ?? 0)
    if (counts === undefined || negative === undefined || zeroCount === undefined) return undefined
    if (scale === undefined || !Number.isInteger(scale) || scale < -10 || scale > 20) return undefined
    if (offset === undefined || !Number.isInteger(offset)) return undefined
    const below = negative.reduce((sum, count) => sum + count, 0)
    return rescaleExponential({
      scale,
      offset,
      counts,
      zeroCount: zeroCount + below,
      sum: readNumber(point['sum']),
    })
  }

  #explicit(point: Json): HistogramDelta | undefined {
    const counts = readCounts(point['bucketCounts'])
    const bounds = asList(point['explicitBounds']).map(readNumber)
    if (
      counts === undefined ||
      bounds.some((bound, i) => bound === undefined || bound <= (bounds[i - 1] ?? -Infinity))
    )
      return undefined
    // Buckets may be left out altogether: then only count and sum are known.
    const total = readCount(point['count'] ?? 0)
    const complete = counts.length === 0 ? [total ?? 0] : counts
    if (complete.length !== bounds.length + 1) return undefined
    return explicitToExponential({
      bounds: bounds as number[],
      counts: complete,
      sum: readNumber(point['sum']),
      min: readNumber(point['min']),
      max: readNumber(point['max']),
    })
  }

  /** Quantiles cannot be added up, so a summary becomes gauges: one per quantile, one for sum and one for count. */
  #summary(metric: Metric, point: Json, labels: Labels): void {
    const named = (suffix: string): Metric => ({ name: metric.name + suffix, unit: '', own: true })
    const base = metric.own ? metric.name : prometheusName(metric.name, metric.unit, 'gauge')
    const count = readNumber(point['count'])
    const sum = readNumber(point['sum'])
    const quantiles = asList(point['quantileValues']).slice(0, 32).map(asRecord)
    if (count === undefined && sum === undefined && quantiles.length === 0) this.rejected++
    if (count !== undefined)
      this.#push({ ...named(''), name: `${base}_count` }, 'gauge', point, labels, count)
    if (sum !== undefined) this.#push({ ...named(''), name: `${base}_sum` }, 'gauge', point, labels, sum)
    for (const entry of quantiles) {
      const quantile = readNumber(entry?.['quantile'] ?? 0)
      const value = readNumber(entry?.['value'] ?? 0)
      if (quantile === undefined || value === undefined) this.rejected++
      else
        this.#push(
          { ...named(''), name: base },
          'gauge',
          point,
          { ...labels, quantile: String(quantile) },
          value,
        )
    }
  }

  #push(metric: Metric, kind: MetricKind, point: Json, labels: Labels, value: number | HistogramDelta): void {
    const name = metric.own ? sanitizeName(metric.name) : prometheusName(metric.name, metric.unit, kind)
    const at = readMillis(point['timeUnixNano']) ?? this.#receivedAt
    this.points.push({ name, kind, unit: metric.unit, labels, at, value })
  }
}

/**
 * Points of an OTLP/HTTP JSON metrics request, from our own exporter or from any OpenTelemetry SDK. `body` is what
 * JSON.parse returned; it is never trusted: malformed parts are counted in `rejected` and the rest is used. Only the
 * known structure is walked, so nesting costs nothing; the limits are those of `OTLP_LIMITS`.
 */
export function decodeOtlp(body: unknown, options: DecodeOptions = {}): DecodedMetrics {
  const decoder = new Decoder(options)
  const root = asRecord(body)
  if (root === undefined) return { points: [], rejected: 1 }
  for (const resourceMetrics of asList(root['resourceMetrics'])) {
    const attributes = asRecord(asRecord(resourceMetrics)?.['resource'])?.['attributes']
    const labels = {
      service: findAttribute(attributes, 'service.name') ?? 'unknown',
      instance: findAttribute(attributes, 'service.instance.id') ?? '',
    }
    for (const scopeMetrics of asList(asRecord(resourceMetrics)?.['scopeMetrics'])) {
      const own = asRecord(asRecord(scopeMetrics)?.['scope'])?.['name'] === OTLP_SCOPE
      for (const metric of asList(asRecord(scopeMetrics)?.['metrics'])) {
        const raw = asRecord(metric)
        if (raw === undefined) decoder.rejected++
        else decoder.metric(raw, labels, own)
      }
    }
  }
  return { points: decoder.points, rejected: decoder.rejected }
}
