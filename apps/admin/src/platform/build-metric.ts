import { alignSeries, BEFORE, seriesName, type ChartData, type LabelledSeries } from '../charts/align.ts'
import { percentileColor, seriesColor, type ColorMode } from '../charts/palette.ts'
import { summarise } from '../charts/summary.ts'
import type { RangeData } from '../charts/use-ranges.ts'
import { MAX_LINES } from './capability-metrics.ts'

const weight = ({ series }: LabelledSeries): number => summarise(series).mean ?? 0

/** Lines of any metric: percentiles by name, everything else by its labels, the largest first to survive the limit. */
export function buildMetric({ results, previous, window }: RangeData, mode: ColorMode): ChartData {
  const lines = (source: RangeData['results'], past: boolean): LabelledSeries[] =>
    source.flatMap((result) =>
      result.series.map((series) => {
        const percentile = /^p\d+$/.test(result.aggregate)
        const label = percentile ? result.aggregate : seriesName(series.labels, result.aggregate)
        const color = percentile ? percentileColor(result.aggregate, mode) : undefined
        return {
          label: past ? `${label}${BEFORE}` : label,
          series,
          ...(color === undefined ? {} : { color }),
          ...(past ? { compare: true, shiftMs: window.to - window.from } : {}),
        }
      }),
    )
  const kept = lines(results, false)
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, MAX_LINES)
    .toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
    .map((line, index) => ({ ...line, color: line.color ?? seriesColor(index, mode) }))
  const past = lines(previous ?? [], true).flatMap((line) => {
    const present = kept.find(({ label }) => `${label}${BEFORE}` === line.label)
    return present === undefined ? [] : [{ ...line, color: present.color }]
  })
  return alignSeries([...kept, ...past], Math.max(...results.map(({ stepMs }) => stepMs), 1))
}
