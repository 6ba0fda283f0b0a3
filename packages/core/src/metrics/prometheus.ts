import { ExponentialHistogram, HISTOGRAM_SCALE } from './histogram.ts'
import type { CollectedMetric, CollectedSeries } from './registry.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export interface PrometheusOptions {
  /** `# EOF`, counter families named without `_total`, quotes escaped in HELP. Default false: text format 0.0.4. */
  openMetrics?: boolean
}

const PER_DOUBLING = 2 ** HISTOGRAM_SCALE

// Histograms of seconds always show 1 ms to 8 s, because `histogram_quantile` misreads a series whose set of
// buckets changes; other units show the range that was used, which only ever grows.
const SECONDS_FROM = -10
const SECONDS_TO = 3

const formatValue = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const escapeHelp = (value: string, openMetrics: boolean): string => {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return openMetrics ? escaped.replaceAll('"', '\\"') : escaped
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  let text = ''
  for (const [name, value] of Object.entries(labels)) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabel(value)}"`
  }
  return text
}

/** Classic buckets at powers of two: exact, because every eighth bound of our buckets is one. */
function histogramLines(name: string, labels: string, unit: string, histogram: ExponentialHistogram): string {
  const { offset, buckets } = histogram
  let first = unit === 's' ? SECONDS_FROM : Infinity
  let last = unit === 's' ? SECONDS_TO : -Infinity
  if (buckets.length > 0) {
    first = Math.min(first, Math.ceil((offset + 1) / PER_DOUBLING))
    last = Math.max(last, Math.ceil((offset + buckets.length) / PER_DOUBLING))
  }
  const separator = labels === '' ? '' : ','
  const braces = labels === '' ? '' : `{${labels}}`
  let lines = ''
  let seen = histogram.zeroCount
  let slot = 0
  for (let power = first; power <= last; power++) {
    for (; slot < buckets.length && offset + slot < power * PER_DOUBLING; slot++) seen += buckets[slot]!
    lines += `${name}_bucket{${labels}${separator}le="${formatValue(2 ** power)}"} ${seen}\n`
  }
  lines += `${name}_bucket{${labels}${separator}le="+Inf"} ${histogram.count}\n`
  lines += `${name}_sum${braces} ${formatValue(histogram.sum)}\n`
  return `${lines}${name}_count${braces} ${histogram.count}\n`
}

function seriesLines(metric: CollectedMetric, series: CollectedSeries, labels: string): string {
  if (series.value instanceof ExponentialHistogram) {
    return histogramLines(metric.name, labels, metric.unit, series.value)
  }
  return `${metric.name}${labels === '' ? '' : `{${labels}}`} ${formatValue(series.value)}\n`
}

/**
 * The text a Prometheus server scrapes: format 0.0.4, or OpenMetrics 1.0 on request. `extraLabels` are put on every
 * series and give way to a series' own label of the same name.
 */
export function toPrometheus(
  collected: readonly CollectedMetric[],
  extraLabels: Readonly<Record<string, string>> = {},
  options: PrometheusOptions = {},
): string {
  const openMetrics = options.openMetrics ?? false
  let text = ''
  for (const metric of collected) {
    if (metric.series.length === 0) continue
    const family = openMetrics && metric.kind === 'counter' ? metric.name.replace(/_total$/, '') : metric.name
    text += `# HELP ${family} ${escapeHelp(metric.help, openMetrics)}\n# TYPE ${family} ${metric.kind}\n`
    for (const series of metric.series) {
      text += seriesLines(metric, series, formatLabels({ ...extraLabels, ...series.labels }))
    }
  }
  return openMetrics ? `${text}# EOF\n` : text
}
