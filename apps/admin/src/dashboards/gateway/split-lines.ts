import { ratioSeries, sumSeries, type ChartData } from '../../charts/align.ts'
import type { ColorMode } from '../../charts/palette.ts'
import type { RangeData } from '../../charts/use-ranges.ts'
import { withPrevious } from '../performance/traffic.ts'

/** `fallback`: another part answered for this one, which had failed. */
const FAILED = new Set(['error', 'fallback'])
/** The visitor left: nobody's fault. */
const LEFT = 'left'

/** One line per part: what failed of what it was given. */
export const buildSplitErrors = (data: RangeData, mode: ColorMode): ChartData =>
  withPrevious(data, mode, (result) => {
    const parts = Map.groupBy(
      result.series.filter(({ labels }) => labels['outcome'] !== LEFT),
      ({ labels }) => labels['part'] ?? '',
    )
    return [...parts]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([label, series]) => {
        const failed = series.filter(({ labels }) => FAILED.has(labels['outcome'] ?? ''))
        return { label, series: ratioSeries(sumSeries(failed), sumSeries(series)) }
      })
  })
