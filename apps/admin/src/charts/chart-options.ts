import type uPlot from 'uplot'
import { formatTicks, type Unit } from '../format/units.ts'
import type { Annotation } from './annotations.ts'
import type { ChartData } from './align.ts'
import type { Heat } from './heatmap-cells.ts'
import { paintHeat } from './heatmap-paint.ts'
import { seriesColor, type ColorMode } from './palette.ts'

export interface ChartTheme {
  mode: ColorMode
  axis: string
  grid: string
  annotation: string
  cursor: string
}

export const CHART_THEMES: Record<ColorMode, ChartTheme> = {
  light: { mode: 'light', axis: '#55626f', grid: '#e9edf1', annotation: '#6b4fa0', cursor: '#7b8794' },
  dark: { mode: 'dark', axis: '#98a5b3', grid: '#1e2731', annotation: '#c0a6f5', cursor: '#7b8794' },
}

/** Charts of one page share a cursor. */
const SYNC_KEY = 'millrace'
/** A drag concerns one chart: shared, every chart of the page would zoom, and the history would hold them all. */
const PRESSES = new Set(['mousedown', 'mouseup'])
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
const DAY_MS = 86_400_000
const pad = (value: number): string => String(value).padStart(2, '0')

/** Axis labels in local 24 h time, as fine as the distance between two of them. */
export function timeTicks(ticks: readonly number[], stepMs: number): string[] {
  return ticks.map((tick, index) => {
    const date = new Date(tick)
    const day = `${date.toLocaleString('en', { month: 'short' })} ${date.getDate()}`
    if (stepMs >= DAY_MS) return day
    const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`
    const midnight = date.getHours() === 0 && date.getMinutes() === 0
    if (midnight && index > 0) return day
    return stepMs < 60_000 ? `${clock}:${pad(date.getSeconds())}` : clock
  })
}

/** From zero, so that a small change never looks like a large one; a little air above the highest point. */
export function valueRange(max: number | null | undefined, unit: Unit): [number, number] {
  // Nothing but zeros: an axis to 100% would make a flat line look like a statement about it.
  if (max === null || max === undefined || max <= 0 || !Number.isFinite(max))
    return [0, unit === 'ratio' ? 0.01 : 1]
  return [0, max * 1.08]
}

/** A value with a gap on both sides makes no line: it is drawn as a dot. */
export function isolatedPoints(values: ArrayLike<number | null | undefined>): number[] {
  const known = (index: number): boolean => values[index] !== null && values[index] !== undefined
  const found: number[] = []
  for (let index = 0; index < values.length; index++) {
    if (known(index) && !known(index - 1) && !known(index + 1)) found.push(index)
  }
  return found
}

function annotationPlugin(read: () => readonly Annotation[], theme: ChartTheme): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (chart) => {
        const { ctx } = chart
        const { left, top, width, height } = chart.bbox
        ctx.save()
        ctx.strokeStyle = theme.annotation
        ctx.fillStyle = theme.annotation
        ctx.lineWidth = devicePixelRatio
        ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
        for (const { at } of read()) {
          const x = Math.round(chart.valToPos(at, 'x', true))
          if (x < left || x > left + width) continue
          ctx.beginPath()
          ctx.moveTo(x, top)
          ctx.lineTo(x, top + height)
          ctx.stroke()
          const size = 4 * devicePixelRatio
          ctx.beginPath()
          ctx.moveTo(x - size, top)
          ctx.lineTo(x + size, top)
          ctx.lineTo(x, top + size * 1.2)
          ctx.fill()
        }
        ctx.restore()
      },
    },
  }
}

function heatRange(heat: Heat | undefined): [number, number] {
  const first = heat?.bands[0]
  const last = heat?.bands.at(-1)
  return first === undefined || last === undefined ? [1e-3, 1] : [first, last]
}

const heatPlugin = (read: () => Heat | undefined, theme: ChartTheme): uPlot.Plugin => ({
  hooks: {
    drawClear: (chart) => {
      const heat = read()
      if (heat !== undefined) paintHeat(chart, heat, theme.mode)
    },
  },
})

export interface ChartHooks {
  /** The cells behind the lines; undefined: an ordinary chart. */
  heat: () => Heat | undefined
  window(): { from: number; to: number }
  annotations: () => readonly Annotation[]
  onCursor: (index: number | null) => void
  onZoom: (from: number, to: number) => void
}

function seriesOptions(series: ChartData['series'], theme: ChartTheme, fill: boolean): uPlot.Series[] {
  return series.map(({ label, color, compare }, index) => {
    const stroke = color ?? seriesColor(index, theme.mode)
    return {
      label,
      stroke,
      width: compare ? 1 : 1.6,
      alpha: compare ? 0.65 : 1,
      ...(compare ? { dash: [4, 4] } : {}),
      ...(fill && !compare ? { fill: `${stroke}1f` } : {}),
      spanGaps: false,
      points: {
        show: true,
        size: 4,
        fill: stroke,
        filter: (chart, seriesIndex) => isolatedPoints(chart.data[seriesIndex]!),
      },
    }
  })
}

// 1, 2, 4 … of each binary unit: 100 MB steps would read as 95.4 MiB.
const BINARY_STEPS = Array.from({ length: 44 }, (_, power) => 2 ** power)

// The value of a const enum, which exists in uPlot's types only.
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as uPlot.Scale.Distr.Logarithmic

export interface ChartLook {
  data: ChartData
  unit: Unit
  width: number
  height: number
  theme: ChartTheme
  /** Area below the line; for a chart of one series. */
  fill: boolean
}

export function chartOptions(
  { data, unit, width, height, theme, fill }: ChartLook,
  hooks: ChartHooks,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: theme.axis,
    font: FONT,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    gap: 6,
  }
  return {
    width,
    height,
    ms: 1,
    // Right: half of a label that stands at the very end.
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      sync: {
        key: SYNC_KEY,
        setSeries: false,
        filters: { pub: (type) => type.startsWith('mouse') && !PRESSES.has(type), sub: () => true },
      },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 1.5 },
      focus: { prox: 24 },
    },
    scales: {
      x: { time: true, range: () => [hooks.window().from, hooks.window().to] },
      y:
        hooks.heat() === undefined
          ? { range: (_chart, _min, max) => valueRange(max, unit) }
          : { distr: LOGARITHMIC, log: 10, range: () => heatRange(hooks.heat()) },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 70,
        grid: { show: false },
        values: (_chart, splits, _axis, _space, step) => timeTicks(splits, step),
      },
      {
        ...axis,
        size: 62,
        space: 34,
        // Over coloured cells a grid would look like gaps in the data.
        ...(hooks.heat() === undefined ? {} : { grid: { show: false } }),
        ...(unit.startsWith('By') ? { incrs: BINARY_STEPS } : {}),
        values: (_chart, splits) => formatTicks(splits, unit),
      },
    ],
    series: [{}, ...seriesOptions(data.series, theme, fill)],
    hooks: {
      setCursor: [(chart) => hooks.onCursor(chart.cursor.idx ?? null)],
      setSelect: [
        (chart) => {
          if (chart.select.width < 4) return
          const from = chart.posToVal(chart.select.left, 'x')
          const to = chart.posToVal(chart.select.left + chart.select.width, 'x')
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          hooks.onZoom(from, to)
        },
      ],
    },
    plugins: [heatPlugin(hooks.heat, theme), annotationPlugin(hooks.annotations, theme)],
  }
}
