import type { RangeResult, RangeSeries } from '@millrace/core'
import type { RangeSpec } from '../../api/client.ts'
import {
  alignSeries,
  BEFORE,
  ratioSeries,
  sumSeries,
  type ChartData,
  type LabelledSeries,
} from '../../charts/align.ts'
import { percentileColor, seriesColor, statusColor, type ColorMode } from '../../charts/palette.ts'
import type { RangeData } from '../../charts/use-ranges.ts'

const GATEWAY_DURATION = 'millrace_gateway_request_duration_seconds'

/** The panel's own requests run through the gateway too when it is mounted there: they are not the visitors'. */
const VISITORS = { pool: '!control-plane' }

const gateway = (aggregate: RangeSpec['aggregate'], by?: readonly string[]): RangeSpec => ({
  metric: GATEWAY_DURATION,
  aggregate,
  where: VISITORS,
  ...(by === undefined ? {} : { by }),
})

export const REQUESTS_BY_STATUS = gateway('rate', ['status'])
/** For one number over a range. Counts by status rather than rates: a status that came late has its own, shorter time. */
export const REQUEST_RATE = gateway('rate')
export const COUNTS_BY_STATUS = gateway('sum', ['status'])
export const PERCENTILES = ['p50', 'p95', 'p99'] as const
export const LATENCY = PERCENTILES.map((aggregate) => gateway(aggregate))
export const IN_FLIGHT: RangeSpec = {
  metric: 'millrace_gateway_requests_in_flight',
  // Over the workers the levels add up.
  aggregate: 'sum',
  where: VISITORS,
  by: ['pool'],
}

const instance = (metric: string, aggregate: RangeSpec['aggregate']): RangeSpec => ({
  metric,
  aggregate,
  by: ['service', 'instance'],
})
export const CPU = instance('process_cpu_seconds_total', 'rate')
export const MEMORY = instance('process_resident_memory_bytes', 'avg')
export const EVENT_LOOP = instance('nodejs_eventloop_delay_p99_seconds', 'max')
export const UTILIZATION = instance('nodejs_eventloop_utilization_ratio', 'avg')
export const SYSTEM_CPU: RangeSpec = { metric: 'system_cpu_utilization_ratio', aggregate: 'avg' }
export const SYSTEM_MEMORY: RangeSpec = { metric: 'system_memory_used_bytes', aggregate: 'avg' }
export const SYSTEM_MEMORY_TOTAL: RangeSpec = { metric: 'system_memory_total_bytes', aggregate: 'last' }

const classOf = (status: string | undefined): string =>
  status === undefined || status === '' ? 'none' : `${status.slice(0, 1)}xx`

const NOTHING: RangeSeries = { labels: {}, times: [], values: [] }

/** Status codes become classes: five lines say more than thirty. */
export function byClass(result: RangeResult): { name: string; series: RangeSeries }[] {
  const classes = new Map<string, RangeSeries[]>()
  for (const series of result.series) {
    const name = classOf(series.labels['status'])
    classes.set(name, [...(classes.get(name) ?? []), series])
  }
  return [...classes]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, parts]) => ({ name, series: sumSeries(parts) }))
}

export const total = (result: RangeResult | undefined): RangeSeries =>
  result === undefined ? NOTHING : sumSeries(result.series)

/** Requests that ended in 5xx, by the labels of their counts. */
export const isFailure = (labels: RangeSeries['labels']): boolean => classOf(labels['status']) === '5xx'

/** Requests that ended in 5xx. */
export const failures = (result: RangeResult | undefined): RangeSeries =>
  result === undefined ? NOTHING : sumSeries(result.series.filter(({ labels }) => isFailure(labels)))

/** Lines of the present, and dashed behind each the period before, moved under it. */
export function withPrevious(
  { window, results, previous }: RangeData,
  mode: ColorMode,
  lines: (result: RangeResult) => LabelledSeries[],
): ChartData {
  const colored = (all: LabelledSeries[]): LabelledSeries[] =>
    all.map((line, index) => ({ ...line, color: line.color ?? seriesColor(index, mode) }))
  const present = colored(results.flatMap(lines))
  const past = colored((previous ?? []).flatMap(lines)).map((line) => ({
    ...line,
    label: `${line.label}${BEFORE}`,
    compare: true,
    shiftMs: window.to - window.from,
  }))
  return alignSeries([...present, ...past], Math.max(...results.map(({ stepMs }) => stepMs), 1))
}

const tinted = (color: string | undefined): { color?: string } => (color === undefined ? {} : { color })

export const buildRequests = (data: RangeData, mode: ColorMode): ChartData =>
  withPrevious(data, mode, (result) =>
    byClass(result).map(({ name, series }) => ({ label: name, series, ...tinted(statusColor(name, mode)) })),
  )

export const buildLatency = (data: RangeData, mode: ColorMode): ChartData =>
  withPrevious(data, mode, (result) =>
    result.series.map((series) => ({
      label: result.aggregate,
      series,
      ...tinted(percentileColor(result.aggregate, mode)),
    })),
  )

export const buildErrors = (data: RangeData, mode: ColorMode): ChartData =>
  withPrevious(data, mode, (result) => [
    {
      label: '5xx',
      series: ratioSeries(failures(result), total(result)),
      ...tinted(statusColor('5xx', mode)),
    },
  ])
