/** Where things stand in a curve chart, in CSS pixels: pure, so that it can be tested without a browser. */

export interface CurvePoint {
  /** Above 0; drawn on a scale of powers of two. */
  x: number
  /** 0–1. */
  y: number
}

export interface CurveScale {
  left: number
  right: number
  top: number
  bottom: number
  x: (value: number) => number
  y: (value: number) => number
  /** Values of the horizontal lines. */
  yTicks: number[]
}

const MARGIN = { left: 48, right: 34, top: 12, bottom: 26 }

/** From zero, so that a small gain never looks like a large one. */
export function curveScale(points: readonly CurvePoint[], width: number, height: number): CurveScale {
  const left = MARGIN.left
  const right = Math.max(left + 1, width - MARGIN.right)
  const bottom = height - MARGIN.bottom
  const xs = points.map((point) => Math.log2(point.x))
  const first = Math.min(...xs)
  const span = Math.max(...xs) - first || 1
  const highest = Math.max(...points.map((point) => point.y), 0)
  const step = [0.01, 0.02, 0.05, 0.1, 0.25].find((size) => highest / size <= 5) ?? 0.25
  const lines = Math.max(1, Math.ceil(highest / step - 1e-9))
  const max = Math.min(1, lines * step)
  return {
    left,
    right,
    top: MARGIN.top,
    bottom,
    x: (value) => left + ((Math.log2(value) - first) / span) * (right - left),
    y: (value) => bottom - (value / max) * (bottom - MARGIN.top),
    yTicks: Array.from({ length: Math.round(max / step) + 1 }, (_, index) => index * step),
  }
}
