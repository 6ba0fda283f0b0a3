import { Box } from '@mui/material'
import { useColorMode } from '../app/color-mode.tsx'
import {
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Unit } from '../format/units.ts'
import type { TimeWindow } from '../time/range.ts'
import { BEFORE, type ChartData } from './align.ts'
import type { Annotation } from './annotations.ts'
import { CHART_THEMES, chartOptions } from './chart-options.ts'
import type { Heat } from './heatmap-cells.ts'
import { Legend, type LegendHandle } from './legend.tsx'
import { describeChart, describePoint } from './summary.ts'
import { useWidth } from './use-width.ts'
import { VISUALLY_HIDDEN } from '../ui/visually-hidden.ts'

export interface TimeSeriesProps {
  title: string
  data: ChartData
  unit: Unit
  window: TimeWindow
  /** CSS pixels without the legend. Default 180. */
  height?: number
  annotations?: readonly Annotation[]
  /** Cells behind the lines, on a logarithmic scale. */
  heat?: Heat | undefined
  onZoom: (from: number, to: number) => void
  onZoomOut: () => void
}

const PAST = new RegExp(`${BEFORE}$`)

/** A hidden line takes its past with it. */
const toAligned = (data: ChartData, hidden: ReadonlySet<string>): uPlot.AlignedData => [
  data.times,
  ...data.series.map(({ label, values }) =>
    hidden.has(label.replace(PAST, '')) ? values.map(() => null) : values,
  ),
]

/**
 * The one time chart of the panel: a canvas by uPlot with a legend, a shared cursor, drag to zoom, and a text
 * alternative that says what the picture shows. Data moves through it without a re-creation of the canvas.
 */
export function TimeSeries(props: TimeSeriesProps): ReactNode {
  const { title, data, unit, height = 180, annotations = [] } = props
  const mode = useColorMode()
  const [host, width] = useWidth()
  const target = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | undefined>(undefined)
  const legend = useRef<LegendHandle>(null)
  const [spoken, setSpoken] = useState('')
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const hint = useId()

  // What the canvas reads while it draws: the newest props, without being made anew for each of them.
  const latest = useRef({ ...props, annotations })
  useLayoutEffect(() => {
    latest.current = { ...props, annotations }
  })

  const look = data.series
    .map(({ label, color, compare }) => `${label}|${color ?? ''}|${compare ?? ''}`)
    .join('\n')
  const ready = width > 0
  useEffect(() => {
    if (!ready || target.current === null) return undefined
    const instance = new uPlot(
      chartOptions(
        {
          data: latest.current.data,
          unit,
          width,
          height,
          theme: CHART_THEMES[mode],
          fill:
            latest.current.heat === undefined &&
            latest.current.data.series.filter((series) => !series.compare).length === 1,
        },
        {
          window: () => latest.current.window,
          annotations: () => latest.current.annotations,
          heat: () => latest.current.heat,
          onCursor: (index) => legend.current?.show(index),
          onZoom: (from, to) => latest.current.onZoom(from, to),
        },
      ),
      toAligned(latest.current.data, hidden),
      target.current,
    )
    chart.current = instance
    return () => {
      chart.current = undefined
      instance.destroy()
    }
    // Size, data and hidden series are applied to the living chart below.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [ready, look, unit, mode, height])

  useEffect(() => {
    if (width > 0) chart.current?.setSize({ width, height })
  }, [width, height])
  useEffect(() => {
    chart.current?.setData(toAligned(data, hidden))
  }, [data, hidden, props.window, annotations])

  const moveCursor = (step: number | 'first' | 'last'): void => {
    const living = chart.current
    if (living === undefined || data.times.length === 0) return
    const last = data.times.length - 1
    const present = living.cursor.idx ?? last
    const index = step === 'first' ? 0 : step === 'last' ? last : Math.min(last, Math.max(0, present + step))
    living.setCursor({
      left: living.valToPos(data.times[index]!, 'x'),
      top: living.bbox.height / devicePixelRatio / 2,
    })
    setSpoken(describePoint(data, index, unit))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const stride = event.shiftKey ? 10 : 1
    const span = props.window.to - props.window.from
    const at = data.times[chart.current?.cursor.idx ?? data.times.length - 1] ?? props.window.to
    const keys: Record<string, () => void> = {
      ArrowLeft: () => moveCursor(-stride),
      ArrowRight: () => moveCursor(stride),
      Home: () => moveCursor('first'),
      End: () => moveCursor('last'),
      Escape: () => chart.current?.setCursor({ left: -10, top: -10 }),
      '+': () => props.onZoom(at - span / 4, at + span / 4),
      '-': () => props.onZoomOut(),
    }
    const run = keys[event.key]
    if (run === undefined) return
    event.preventDefault()
    run()
  }

  const summary = useMemo(() => describeChart(title, data, unit), [title, data, unit])
  return (
    <Box ref={host}>
      <Box
        ref={target}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <img> holds no canvas
        role="img"
        // A canvas has no parts to tab to: the arrow keys move over its points instead.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={summary}
        aria-describedby={hint}
        onKeyDown={onKeyDown}
        sx={{
          height,
          borderRadius: 1,
          outlineOffset: 2,
          '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main' },
          '& .u-select': { bgcolor: 'primary.main', opacity: 0.14 },
          '& .u-cursor-x': { borderColor: CHART_THEMES[mode].cursor },
          '& .u-cursor-y': { display: 'none' },
        }}
      />
      <Legend
        ref={legend}
        data={data}
        unit={unit}
        annotations={annotations}
        hidden={hidden}
        onHide={setHidden}
      />
      <Box id={hint} aria-live="polite" sx={VISUALLY_HIDDEN}>
        {spoken}
      </Box>
    </Box>
  )
}
