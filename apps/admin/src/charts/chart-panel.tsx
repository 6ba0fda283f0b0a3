import DownloadOutlined from '@mui/icons-material/FileDownloadOutlined'
import ShowChart from '@mui/icons-material/ShowChart'
import TableChartOutlined from '@mui/icons-material/TableChartOutlined'
import { Box, IconButton, Paper, Tooltip, Typography } from '@mui/material'
import { useMemo, useState, type ReactNode } from 'react'
import { useColorMode } from '../app/color-mode.tsx'
import { csvFileName, downloadCsv, toCsv } from '../format/csv.ts'
import type { Unit } from '../format/units.ts'
import { useTime } from '../time/time-context.tsx'
import { Empty, Failed, Loading, StaleBadge } from '../ui/states.tsx'
import { isEmpty, type ChartData } from './align.ts'
import type { Annotation } from './annotations.ts'
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

  return (
    <Paper component="section" aria-label={title} sx={{ p: 1.5, minWidth: 0, position: 'relative' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5, minHeight: 32, mb: 0.5 }}>
        <Tooltip title={help ?? ''} placement="bottom-start">
          <Typography variant="h3" component="h3" sx={{ flexGrow: 1, minWidth: 0 }}>
            {title}
          </Typography>
        </Tooltip>
        {state.staleSince === undefined ? null : (
          <StaleBadge
            since={state.staleSince}
            {...(state.error === null ? {} : { reason: state.error.message })}
          />
        )}
        {data === undefined || isEmpty(data) ? null : (
          <Box sx={{ display: 'flex', color: 'text.secondary' }}>
            <Tooltip title={asTable ? 'Show as chart' : 'Show as table'}>
              <IconButton
                color="inherit"
                aria-label={`${title}: ${asTable ? 'chart' : 'table'}`}
                onClick={() => setAsTable(!asTable)}
              >
                {asTable ? <ShowChart fontSize="small" /> : <TableChartOutlined fontSize="small" />}
              </IconButton>
            </Tooltip>
            <Tooltip title="Download CSV">
              <IconButton
                color="inherit"
                aria-label={`${title}: download CSV`}
                onClick={() => download(title, data, unit)}
              >
                <DownloadOutlined fontSize="small" />
              </IconButton>
            </Tooltip>
          </Box>
        )}
      </Box>
      <ChartBody {...props} height={height} data={data} cells={cells} asTable={asTable} />
    </Paper>
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
