import { Box } from '@mui/material'
import type { ReactNode } from 'react'

type Tone = 'success' | 'warning' | 'error' | 'neutral'

const TONES: Record<string, Tone> = {
  ready: 'success',
  up: 'success',
  promoted: 'success',
  running: 'success',
  healthy: 'success',
  ok: 'success',
  closed: 'success',
  starting: 'warning',
  restarting: 'warning',
  draining: 'warning',
  degraded: 'warning',
  ejected: 'warning',
  recovering: 'warning',
  paused: 'warning',
  failed: 'error',
  down: 'error',
  'rolled-back': 'error',
  open: 'error',
}

/** A state as a dot and a word: the word carries the meaning, the colour only finds it faster. */
export function StateChip({ state, label }: { state: string; label?: string }): ReactNode {
  const tone = TONES[state] ?? 'neutral'
  const color = tone === 'neutral' ? 'text.secondary' : `${tone}.main`
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        whiteSpace: 'nowrap',
        fontSize: '0.8125rem',
      }}
    >
      <Box
        component="span"
        sx={{ width: 8, height: 8, borderRadius: '50%', bgcolor: color, flexShrink: 0 }}
      />
      <Box component="span" sx={{ color }}>
        {label ?? state}
      </Box>
    </Box>
  )
}
