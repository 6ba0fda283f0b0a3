/** Label names and values of one series. `service` and `instance` come from the sender's OTLP resource. */
export type Labels = Readonly<Record<string, string>>

export type MetricKind = 'counter' | 'gauge' | 'histogram'

/**
 * An exponential histogram (OpenTelemetry data model, scale 3): bucket `i` counts values in
 * (2^(i/8), 2^((i+1)/8)]. Any two can be added without loss, which is what makes percentiles over instances
 * and over time correct.
 */
export interface HistogramDelta {
  count: number
  sum: number
  /** Values ≤ 0. */
  zeroCount: number
  /** Index of `buckets[0]`. */
  offset: number
  buckets: readonly number[]
}

/** One point as it arrives: counters and histograms are deltas over the interval that ends at `at`. */
export interface MetricPoint {
  name: string
  kind: MetricKind
  unit: string
  labels: Labels
  /** Milliseconds since the epoch. */
  at: number
  value: number | HistogramDelta
}

export interface MetricWriter {
  /** Never throws for a bad point: it is counted as rejected, with the reason in the log. */
  write(points: readonly MetricPoint[]): { accepted: number; rejected: number }
}

/**
 * rate: counter or histogram count per second; sum: total over the step; avg/min/max/last: gauge, or the mean of
 * a histogram (avg only); p50…p999: percentile of a histogram.
 */
export const AGGREGATES = [
  'rate',
  'sum',
  'avg',
  'min',
  'max',
  'last',
  'p50',
  'p90',
  'p95',
  'p99',
  'p999',
] as const
export type Aggregate = (typeof AGGREGATES)[number]

export interface RangeQuery {
  metric: string
  /** Milliseconds since the epoch; `from` inclusive, `to` exclusive. */
  from: number
  to: number
  /** At most this many points per series come back. Default 600, at most 4,000. */
  width?: number
  aggregate: Aggregate
  /** Exact matches; `!` before a value excludes it, `~` makes it a regular expression. */
  where?: Labels
  /** Series are merged over every label but these. Default: one series. */
  by?: readonly string[]
}

export interface RangeSeries {
  labels: Labels
  /** Milliseconds since the epoch, ascending, the start of each step. */
  times: number[]
  /** null where nothing was recorded: a gap is never drawn as zero. */
  values: (number | null)[]
}

export interface RangeResult {
  metric: string
  aggregate: Aggregate
  unit: string
  stepMs: number
  /** Which resolution answered. */
  resolution: 'raw' | '1m' | '1h'
  series: RangeSeries[]
}

export interface MetricReader {
  range(query: RangeQuery): Promise<RangeResult>
  /** The newest value of each series that matches, at most `maxAgeMs` old (default 30 s). */
  latest(
    query: Omit<RangeQuery, 'from' | 'to' | 'width'> & { windowMs?: number },
  ): Promise<{ labels: Labels; value: number; at: number }[]>
  /** Names, kinds, units and label names seen. */
  catalogue(): Promise<{ name: string; kind: MetricKind; unit: string; labels: string[]; series: number }[]>
}
