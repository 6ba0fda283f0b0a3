import { Box, ButtonBase } from '@mui/material'
import { useColorMode } from '../app/color-mode.tsx'
import { useEffect, useImperativeHandle, useRef, type ReactNode, type Ref } from 'react'
import { formatUnit, type Unit } from '../format/units.ts'
import { formatInstant, formatTime } from '../time/instant.ts'
import { BEFORE, lastValue, type ChartData, type ChartSeries } from './align.ts'
import { annotationNear, type Annotation } from './annotations.ts'
import { seriesColor } from './palette.ts'

export interface LegendHandle {
  /** Shows the values at one step; null: the newest ones. */
  show: (index: number | null) => void
}

interface LegendProps {
  ref: Ref<LegendHandle>
  data: ChartData
  unit: Unit
  annotations: readonly Annotation[]
  hidden: ReadonlySet<string>
  onHide: (hidden: ReadonlySet<string>) => void
}

/** How near the cursor must be to an annotation for its text to show, in steps. */
const NEAR_STEPS = 3

/**
 * Names, colours and values. The cursor moves up to sixty times a second over all charts at once, so values are
 * written into the elements directly instead of through a render.
 */
export function Legend({ ref, data, unit, annotations, hidden, onHide }: LegendProps): ReactNode {
  const mode = useColorMode()
  const values = useRef(new Map<string, HTMLElement>())
  const note = useRef<HTMLDivElement>(null)
  const shown = useRef<number | null>(null)

  const sameDay =
    formatInstant(data.times[0] ?? 0).slice(0, 10) === formatInstant(data.times.at(-1) ?? 0).slice(0, 10)
  const describeAt = sameDay ? formatTime : formatInstant
  const lines = data.series.filter(({ compare }) => !compare)

  const show = (index: number | null): void => {
    shown.current = index
    const text = (series: ChartSeries): string =>
      formatUnit(index === null ? lastValue(series.values) : series.values[index], unit)
    for (const series of lines) {
      const element = values.current.get(series.label)
      const past = data.series.find(({ label }) => label === series.label + BEFORE)
      if (element === undefined) continue
      element.textContent = past === undefined ? text(series) : `${text(series)} (was ${text(past)})`
    }
    const at = index === null ? undefined : data.times[index]
    const near = at === undefined ? undefined : annotationNear(annotations, at, NEAR_STEPS * data.stepMs)
    if (note.current === null) return
    note.current.textContent =
      at === undefined ? '' : [describeAt(at), near?.text].filter(Boolean).join(' · ')
  }
  useImperativeHandle(ref, () => ({ show }))
  useEffect(() => show(shown.current))

  const toggle = (label: string, alone: boolean): void => {
    const labels = lines.map((series) => series.label)
    const others = labels.filter((other) => other !== label)
    if (alone) {
      const isAlone = others.every((other) => hidden.has(other)) && !hidden.has(label)
      onHide(new Set(isAlone ? [] : others))
    } else {
      const next = new Set(hidden)
      if (!next.delete(label)) next.add(label)
      onHide(next)
    }
  }

  return (
    <Box sx={{ pt: 0.5, display: 'flex', alignItems: 'flex-start', gap: 1 }}>
      <Box
        sx={{
          flexGrow: 1,
          display: 'flex',
          flexWrap: 'wrap',
          columnGap: 1.5,
          rowGap: 0.25,
          maxHeight: 96,
          overflowY: 'auto',
        }}
      >
        {lines.map((series, index) => (
          <ButtonBase
            key={series.label}
            aria-pressed={!hidden.has(series.label)}
            title="Click to hide or show, with Shift to show only this one"
            onClick={(event) => toggle(series.label, event.shiftKey)}
            sx={{
              gap: 0.75,
              fontSize: '0.75rem',
              borderRadius: 0.5,
              px: 0.25,
              minHeight: 24,
              color: 'text.secondary',
              opacity: hidden.has(series.label) ? 0.55 : 1,
              textDecoration: hidden.has(series.label) ? 'line-through' : 'none',
            }}
          >
            <Box
              component="span"
              sx={{
                width: 12,
                borderTop: `3px solid ${series.color ?? seriesColor(index, mode)}`,
                borderRadius: 1,
              }}
            />
            <span>{series.label}</span>
            <Box
              component="span"
              ref={(element: HTMLElement | null) => {
                if (element === null) values.current.delete(series.label)
                else values.current.set(series.label, element)
              }}
              sx={{ color: 'text.primary', fontWeight: 550 }}
            />
          </ButtonBase>
        ))}
      </Box>
      <Box
        ref={note}
        sx={{
          fontSize: '0.75rem',
          lineHeight: '24px',
          color: 'text.secondary',
          textAlign: 'right',
          maxWidth: '45%',
        }}
      />
    </Box>
  )
}
