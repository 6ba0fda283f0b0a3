import { Box } from '@mui/material'
import { useMemo, useState, type ReactNode } from 'react'
import { useColorMode } from '../app/color-mode.tsx'
import { csvFileName, downloadCsv, toCsv } from '../format/csv.ts'
import type { Unit } from '../format/units.ts'
import { useTime } from '../time/time-context.tsx'
import { Empty, Failed, Loading, StaleBadge } from '../ui/states.tsx'
import { isEmpty, type ChartData } from './align.ts'
import type { Annotation } from './annotations.ts'
import { ChartFrame } from './chart-frame.tsx'
import { DataTable } from './data-table.tsx'
import type { Heat } from './heatmap-cells.ts'
import type { ColorMode } from './palette.ts'
import { TimeSeries } from './time-series.tsx'
import type { RangeData, RangesState } from './use-ranges.ts'

export interface ChartPanelProps {
  title: string
  /** One sentence: what is counted, over what. */
  help?: string
  unit: Unit
  state: RangesState
  /** Pure, and the same function in every render. */
  build: (data: RangeData, mode: ColorMode) => ChartData
  /** Cells behind the lines: makes the chart a heatmap. */
  heat?: (data: RangeData) => Heat
  /** What would fill the chart. */
  empty: string
  height?: number
  annotations?: readonly Annotation[]
}

const CSV_TIME = 'time (UTC)'

function download(title: string, data: ChartData, unit: Unit): void {
  const header = [CSV_TIME, ...data.series.map(({ label }) => `${label} (${unit})`)]
  const rows = data.times.map((at, index) => [
    new Date(at).toISOString(),
    ...data.series.map(({ values }) => values[index]),
  ])
  downloadCsv(csvFileName(title, Date.now()), toCsv(header, rows))
}

/** Frame of a chart: title, states, and behind every picture its table and its CSV. */
export function ChartPanel(props: ChartPanelProps): ReactNode {
  const { title, help, unit, state, build, heat, height = 180 } = props
  const mode = useColorMode()
  const [asTable, setAsTable] = useState(false)
  const { data: ranges } = state
  const data = useMemo(() => (ranges === undefined ? undefined : build(ranges, mode)), [build, ranges, mode])
  const cells = useMemo(() => (ranges === undefined ? undefined : heat?.(ranges)), [heat, ranges])

  const shown = data !== undefined && !isEmpty(data)
  return (
    <ChartFrame
      title={title}
      help={help}
      badge={
        state.staleSince === undefined ? null : (
          <StaleBadge
            since={state.staleSince}
            {...(state.error === null ? {} : { reason: state.error.message })}
          />
        )
      }
      behind={
        shown
          ? { asTable, onToggle: () => setAsTable(!asTable), onDownload: () => download(title, data, unit) }
          : undefined
      }
    >
      <ChartBody {...props} height={height} data={data} cells={cells} asTable={asTable} />
    </ChartFrame>
  )
}

interface ChartBodyProps extends ChartPanelProps {
  height: number
  data: ChartData | undefined
  cells: Heat | undefined
  asTable: boolean
}

function ChartBody({
  title,
  unit,
  state,
  empty,
  height,
  annotations,
  data,
  cells,
  asTable,
}: ChartBodyProps): ReactNode {
  const time = useTime()
  if (data === undefined || state.data === undefined) {
    return state.error === null ? (
      <Loading height={height} label={`${title}: loading`} />
    ) : (
      <Failed error={state.error} onRetry={state.retry} height={height} />
    )
  }
  if (isEmpty(data)) {
    return (
      <Empty title="No data in this range" height={height}>
        {empty}
      </Empty>
    )
  }
  if (asTable) return <DataTable title={title} data={data} unit={unit} height={height + 60} />
  return (
    <Box sx={{ opacity: state.outdated ? 0.5 : 1, transition: 'opacity 120ms' }}>
      <TimeSeries
        title={title}
        data={data}
        unit={unit}
        window={state.data.window}
        height={height}
        heat={cells}
        {...(annotations === undefined ? {} : { annotations })}
        onZoom={time.zoomTo}
        onZoomOut={time.zoomOut}
      />
    </Box>
  )
}
