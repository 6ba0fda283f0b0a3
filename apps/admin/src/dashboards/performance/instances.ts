import { seriesName, type ChartData } from '../../charts/align.ts'
import type { ColorMode } from '../../charts/palette.ts'
import type { RangeData } from '../../charts/use-ranges.ts'
import { withPrevious } from './traffic.ts'

/** One line per instance, in the order of their names so that colours stay with them. */
export const buildByInstance = (data: RangeData, mode: ColorMode): ChartData =>
  withPrevious(data, mode, (result) =>
    result.series
      .map((series) => ({ label: seriesName(series.labels, result.metric), series }))
      .toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true })),
  )

/** One line per value of a label. */
export const buildByLabel =
  (label: string) =>
  (data: RangeData, mode: ColorMode): ChartData =>
    withPrevious(data, mode, (result) =>
      result.series
        .map((series) => ({ label: series.labels[label] ?? 'all', series }))
        .toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true })),
    )
