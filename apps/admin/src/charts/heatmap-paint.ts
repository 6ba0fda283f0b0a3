import type uPlot from 'uplot'
import type { Heat } from './heatmap-cells.ts'
import { heatColor, type ColorMode } from './palette.ts'

/** Below one request in a thousand a cell would only be noise. */
const FAINTEST = 0.001

/** A band with half of all requests is as dark as it gets; the root makes the rare and slow ones visible. */
const intensity = (share: number): number => Math.min(1, Math.sqrt(share / 0.5))

/** Draws the cells behind the lines, clipped to the plotting area. */
export function paintHeat(chart: uPlot, heat: Heat, mode: ColorMode): void {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const { at, cells } of heat.columns) {
    const left = Math.floor(chart.valToPos(at, 'x', true))
    const right = Math.ceil(chart.valToPos(at + heat.stepMs, 'x', true))
    if (right < bbox.left || left > bbox.left + bbox.width) continue
    for (const { lower, upper, share } of cells) {
      if (share < FAINTEST) continue
      const top = Math.floor(chart.valToPos(upper, 'y', true))
      const bottom = Math.ceil(chart.valToPos(lower, 'y', true))
      ctx.fillStyle = heatColor(intensity(share), mode)
      ctx.fillRect(left, top, Math.max(1, right - left), bottom - top)
    }
  }
  ctx.restore()
}
