import { subtractHistogram, ExponentialHistogram, HISTOGRAM_SCALE } from './histogram.ts'
import type { HistogramDelta } from '../ports/metric.ts'
import type { CollectedMetric, MetricRegistry } from './registry.ts'

/** Marks our own telemetry: its names are Prometheus style already and travel as they are. */
export const OTLP_SCOPE = 'millrace'

/** `AGGREGATION_TEMPORALITY_DELTA` and `_CUMULATIVE` of opentelemetry/proto/metrics/v1/metrics.proto. */
export const DELTA_TEMPORALITY = 1
export const CUMULATIVE_TEMPORALITY = 2

export interface TelemetryResource {
  /** `service.name`, stored as the label `service`. */
  service: string
  /** `service.instance.id`, stored as the label `instance`. */
  instance: string
}

/** What was already sent: hand the one of the last call to the next. */
export interface MetricSnapshot {
  at: number
  /** By metric name, then by the series' labels. */
  values: Map<string, Map<string, number | HistogramDelta>>
}

export interface EncodeOptions {
  /** Either a registry, which is collected, or what was collected from one. */
  source: MetricRegistry | readonly CollectedMetric[]
  /** Undefined: everything since the registry was made is one delta. */
  previous: MetricSnapshot | undefined
  resource: TelemetryResource
  /** Milliseconds since the epoch. */
  at: number
  /** Start of the first interval. Default: `at`. */
  startedAt?: number
}

interface Attribute {
  key: string
  value: { stringValue: string }
}

interface EncodedLabels {
  key: string
  attributes: Attribute[]
}

// Label objects live as long as their series, so that each is serialised once and not at every push.
const encodedLabels = new WeakMap<object, EncodedLabels>()

function encodeLabels(labels: Record<string, string>): EncodedLabels {
  const known = encodedLabels.get(labels)
  if (known !== undefined) return known
  const attributes = Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }))
  const encoded = { key: JSON.stringify(labels), attributes }
  encodedLabels.set(labels, encoded)
  return encoded
}

const nanoseconds = (at: number): string => `${Math.round(at)}000000`

/** Leading and trailing empty buckets are not sent. */
function encodeBuckets(delta: HistogramDelta): { offset: number; bucketCounts: number[] } {
  let first = 0
  let end = delta.buckets.length
  while (end > 0 && delta.buckets[end - 1] === 0) end--
  while (first < end && delta.buckets[first] === 0) first++
  return { offset: delta.offset + first, bucketCounts: delta.buckets.slice(first, end) }
}

const EMPTY: HistogramDelta = { count: 0, sum: 0, zeroCount: 0, offset: 0, buckets: [] }

/**
 * The state of a registry as an OTLP/HTTP JSON body with delta temporality and exponential histograms of scale 3
 * (https://opentelemetry.io/docs/specs/otlp/). Series that did not change are sent too: a zero is an observation,
 * and only a dead process leaves a gap.
 */
export function encodeOtlp(options: EncodeOptions): {
  body: string
  snapshot: MetricSnapshot
  points: number
} {
  const { source, previous, resource, at } = options
  const collected = 'collect' in source ? source.collect() : source
  const values: MetricSnapshot['values'] = new Map()
  const startTimeUnixNano = nanoseconds(previous?.at ?? options.startedAt ?? at)
  const timeUnixNano = nanoseconds(at)
  const metrics: object[] = []
  let points = 0
  for (const metric of collected) {
    if (metric.series.length === 0) continue
    const before = previous?.values.get(metric.name)
    const now = new Map<string, number | HistogramDelta>()
    const dataPoints: object[] = []
    for (const series of metric.series) {
      const { key, attributes } = encodeLabels(series.labels)
      if (series.value instanceof ExponentialHistogram) {
        const earlier = (before?.get(key) as HistogramDelta | undefined) ?? EMPTY
        // An idle histogram keeps its earlier snapshot: nothing is copied for it.
        const idle = earlier.count === series.value.count
        const snapshot = idle ? earlier : series.value.snapshot()
        const delta = idle ? EMPTY : subtractHistogram(snapshot, earlier)
        now.set(key, snapshot)
        dataPoints.push({
          attributes,
          startTimeUnixNano,
          timeUnixNano,
          count: delta.count,
          sum: delta.sum,
          scale: HISTOGRAM_SCALE,
          zeroCount: delta.zeroCount,
          positive: encodeBuckets(delta),
        })
      } else if (Number.isFinite(series.value)) {
        const value =
          metric.kind === 'counter'
            ? series.value - ((before?.get(key) as number | undefined) ?? 0)
            : series.value
        now.set(key, series.value)
        dataPoints.push({ attributes, startTimeUnixNano, timeUnixNano, asDouble: value })
      }
    }
    values.set(metric.name, now)
    if (dataPoints.length === 0) continue
    points += dataPoints.length
    const head = { name: metric.name, unit: metric.unit, description: metric.help }
    const aggregationTemporality = DELTA_TEMPORALITY
    if (metric.kind === 'gauge') metrics.push({ ...head, gauge: { dataPoints } })
    else if (metric.kind === 'counter')
      metrics.push({ ...head, sum: { aggregationTemporality, isMonotonic: true, dataPoints } })
    else metrics.push({ ...head, exponentialHistogram: { aggregationTemporality, dataPoints } })
  }
  const attributes = [
    { key: 'service.name', value: { stringValue: resource.service } },
    { key: 'service.instance.id', value: { stringValue: resource.instance } },
  ]
  const scopeMetrics = [{ scope: { name: OTLP_SCOPE }, metrics }]
  return {
    body: JSON.stringify({ resourceMetrics: [{ resource: { attributes }, scopeMetrics }] }),
    snapshot: { at, values },
    points,
  }
}
