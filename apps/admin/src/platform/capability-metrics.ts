import type { Capability } from '@millrace/api-client'
import type { RangeSpec } from '../api/client.ts'
import { unitOfAggregate, type Unit } from '../format/units.ts'

type Metric = Capability['metrics'][number]

export interface MetricChart {
  title: string
  help: string
  unit: Unit
  specs: RangeSpec[]
}

/** `millrace_cache_load_duration_seconds` of cache → `Load duration`. */
export function metricTitle(metric: string, capability: string): string {
  const words = metric
    .replace(`millrace_${capability.replaceAll('-', '_')}_`, '')
    .replace(/^millrace_/, '')
    .replace(/_(seconds|bytes|ratio)?(_?total)?$/, '')
    .replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** Entries, bytes and connections of several processes add up; ratios and durations do not. */
const addsUp = ({ unit, name }: Metric): boolean => unit !== 's' && !name.endsWith('_ratio')

/** The chart that suits a kind of metric: rates of counters, values of gauges, percentiles of histograms. */
export function chartOf(metric: Metric, capability: string): MetricChart {
  const base = { title: metricTitle(metric.name, capability), help: `${metric.help} (${metric.name})` }
  if (metric.kind === 'histogram') {
    return {
      ...base,
      unit: metric.unit,
      specs: (['p50', 'p95', 'p99'] as const).map((aggregate) => ({ metric: metric.name, aggregate })),
    }
  }
  const aggregate = metric.kind === 'counter' ? 'rate' : addsUp(metric) ? 'sum' : 'avg'
  return {
    ...base,
    unit: unitOfAggregate(metric.unit, aggregate, metric.kind),
    specs: [{ metric: metric.name, aggregate, by: metric.labels }],
  }
}

/** Series beyond this make a chart unreadable; the largest ones are kept and the rest is in the CSV of a query. */
export const MAX_LINES = 12
