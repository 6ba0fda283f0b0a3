import { Box } from '@mui/material'
import { useState, type ReactNode } from 'react'
import { useColorMode } from '../app/color-mode.tsx'
import { formatUnit } from '../format/units.ts'
import { CHART_THEMES } from './chart-options.ts'
import { curveScale, type CurvePoint } from './curve-scale.ts'
import { seriesColor } from './palette.ts'
import { useWidth } from './use-width.ts'

export interface CurveMarker {
  x: number
  /** `half`, `now`, `twice`. */
  label: string
}

interface CurveChartProps {
  /** What a person hears who does not see the picture. */
  summary: string
  /** Ascending by x. */
  points: readonly CurvePoint[]
  markers: readonly CurveMarker[]
  /** Of a value of x, for the axis. */
  formatX: (x: number) => string
  height?: number
}

const FONT_SIZE = 11

/** A ratio over a size: few points, so plain SVG. The size stands on a scale of powers of two. */
export function CurveChart({ summary, points, markers, formatX, height = 200 }: CurveChartProps): ReactNode {
  const mode = useColorMode()
  const theme = CHART_THEMES[mode]
  const [host, width] = useWidth()
  const [near, setNear] = useState<number>()
  const color = seriesColor(0, mode)
  const scale = curveScale(points, width, height)
  const path = points.map(({ x, y }) => `${scale.x(x).toFixed(1)},${scale.y(y).toFixed(1)}`).join(' ')
  const valueAt = (x: number): number | undefined => points.find((point) => point.x === x)?.y
  const focus = (clientX: number, box: DOMRect): void => {
    const at = clientX - box.left
    const distances = points.map(({ x }) => Math.abs(scale.x(x) - at))
    setNear(distances.indexOf(Math.min(...distances)))
  }
  const shown = near === undefined ? undefined : points[near]
  return (
    <Box ref={host}>
      {width === 0 ? (
        <Box sx={{ height }} />
      ) : (
        <svg
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <img> has no parts that answer the pointer
          role="img"
          aria-label={summary}
          width={width}
          height={height}
          style={{ display: 'block' }}
          fontSize={FONT_SIZE}
          onPointerMove={(event) => focus(event.clientX, event.currentTarget.getBoundingClientRect())}
          onPointerLeave={() => setNear(undefined)}
        >
          {scale.yTicks.map((tick) => (
            <g key={tick}>
              <line
                x1={scale.left}
                x2={scale.right}
                y1={scale.y(tick)}
                y2={scale.y(tick)}
                stroke={theme.grid}
              />
              <text x={scale.left - 6} y={scale.y(tick) + 4} textAnchor="end" fill={theme.axis}>
                {formatUnit(tick, 'ratio')}
              </text>
            </g>
          ))}
          {points.map(({ x }) => (
            <text key={x} x={scale.x(x)} y={height - 8} textAnchor="middle" fill={theme.axis}>
              {formatX(x)}
            </text>
          ))}
          {markers.map(({ x, label }) => {
            const value = valueAt(x)
            if (value === undefined) return null
            return (
              <g key={label}>
                <line
                  x1={scale.x(x)}
                  x2={scale.x(x)}
                  y1={scale.y(value)}
                  y2={scale.bottom}
                  stroke={theme.annotation}
                  strokeDasharray="3 3"
                />
                <text
                  x={scale.x(x)}
                  y={Math.min(scale.y(value) + 18, scale.bottom - 4)}
                  dx={5}
                  fill={theme.annotation}
                >
                  {label} {formatUnit(value, 'ratio')}
                </text>
              </g>
            )
          })}
          <polyline points={path} fill="none" stroke={color} strokeWidth={1.8} />
          {points.map(({ x, y }, index) => (
            <circle key={x} cx={scale.x(x)} cy={scale.y(y)} r={index === near ? 5 : 3} fill={color} />
          ))}
        </svg>
      )}
      <Box sx={{ fontSize: '0.75rem', color: 'text.secondary', minHeight: 18, textAlign: 'right' }}>
        {shown === undefined ? '' : `${formatX(shown.x)}: ${formatUnit(shown.y, 'ratio')}`}
      </Box>
    </Box>
  )
}
