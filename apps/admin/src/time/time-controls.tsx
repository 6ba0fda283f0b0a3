import CompareArrows from '@mui/icons-material/CompareArrows'
import ExpandMore from '@mui/icons-material/ExpandMore'
import Pause from '@mui/icons-material/Pause'
import PlayArrow from '@mui/icons-material/PlayArrow'
import ScheduleOutlined from '@mui/icons-material/Schedule'
import ZoomOut from '@mui/icons-material/ZoomOut'
import { Box, Button, ButtonGroup, ToggleButton, Tooltip } from '@mui/material'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useShortcuts } from '../app/shortcuts.ts'
import { describeDuration, formatDuration } from './duration.ts'
import { formatWindow } from './instant.ts'
import { DEFAULT_SPAN_MS, spanOf, type TimeRange } from './range.ts'
import { useTime } from './time-context.tsx'

const TimePicker = lazy(async () => ({ default: (await import('./time-picker.tsx')).TimePicker }))

export const describeRange = (range: TimeRange): string =>
  range.kind === 'relative' ? `Last ${describeDuration(range.spanMs)}` : formatWindow(range.from, range.to)

/** Range, zoom out, compare, and live or paused: on every screen with charts. */
export function TimeControls(): ReactNode {
  const time = useTime()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const [button, setButton] = useState<HTMLElement | null>(null)
  useShortcuts({ t: () => setAnchor(button) })
  const span = describeDuration(spanOf(time.range))
  return (
    <Box
      component="fieldset"
      aria-label="Time range"
      sx={{ display: 'flex', gap: 0.75, flexWrap: 'wrap', border: 0, p: 0, m: 0, minWidth: 0 }}
    >
      <ButtonGroup
        variant="outlined"
        color="inherit"
        sx={{ '& .MuiButton-root': { borderColor: 'divider' } }}
      >
        <Button
          ref={setButton}
          startIcon={<ScheduleOutlined />}
          endIcon={<ExpandMore />}
          aria-haspopup="dialog"
          aria-expanded={anchor !== null}
          title={formatWindow(time.window.from, time.window.to)}
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          {describeRange(time.range)}
        </Button>
        <Tooltip title="Zoom out (z)">
          <Button aria-label="Zoom out" onClick={time.zoomOut} sx={{ px: 0.5 }}>
            <ZoomOut fontSize="small" />
          </Button>
        </Tooltip>
      </ButtonGroup>
      <Tooltip title={`Compare with the previous ${span} (v)`}>
        <ToggleButton
          value="compare"
          size="small"
          selected={time.compare}
          onChange={time.toggleCompare}
          aria-label="Compare with the previous period"
          sx={{ py: 0.25, px: 0.75 }}
        >
          <CompareArrows fontSize="small" />
        </ToggleButton>
      </Tooltip>
      <LiveButton />
      <Suspense>
        {anchor === null ? null : <TimePicker anchor={anchor} onClose={() => setAnchor(null)} />}
      </Suspense>
    </Box>
  )
}

function LiveButton(): ReactNode {
  const time = useTime()
  if (time.range.kind === 'absolute') {
    return (
      <Button
        variant="outlined"
        startIcon={<PlayArrow />}
        onClick={() => time.setRange({ kind: 'relative', spanMs: DEFAULT_SPAN_MS })}
      >
        Go live
      </Button>
    )
  }
  const title = time.paused ? 'Go on (space)' : `Moves every ${formatDuration(time.refreshMs)}. Pause (space)`
  return (
    <Tooltip title={title}>
      <Button
        variant={time.paused ? 'contained' : 'outlined'}
        color={time.paused ? 'warning' : 'success'}
        startIcon={time.paused ? <PlayArrow /> : <Pause />}
        aria-pressed={time.paused}
        aria-label={time.paused ? 'Paused. Go on' : 'Live. Pause'}
        onClick={time.togglePaused}
        sx={{ minWidth: 84 }}
      >
        {time.paused ? 'Paused' : 'Live'}
      </Button>
    </Tooltip>
  )
}
