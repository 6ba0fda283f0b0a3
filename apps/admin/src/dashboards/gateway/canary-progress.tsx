import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { formatDuration } from '../../time/duration.ts'
import { StateChip } from '../../ui/state-chip.tsx'
import type { Split } from './queries.ts'

type Canary = NonNullable<Split['canary']>

/** Where a canary stands: its steps, how long this one has lasted, and what it waits for. */
export function CanaryProgress({ canary }: { canary: Canary }): ReactNode {
  const { state, steps, step, elapsedMs, holdMs, verdict } = canary
  const running = elapsedMs !== undefined
  const reached = state === 'promoted' ? steps.length : running || state === 'paused' ? step : -1
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 2, rowGap: 1 }}>
        <StateChip state={state} />
        <Box
          component="ol"
          aria-label="Steps"
          sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, listStyle: 'none', m: 0, p: 0 }}
        >
          {steps.map((share, index) => (
            <Box
              component="li"
              key={share}
              {...(index === reached ? { 'aria-current': 'step' as const } : {})}
              sx={{
                px: 1,
                py: 0.25,
                borderRadius: 1,
                border: 1,
                fontSize: '0.75rem',
                fontWeight: index === reached ? 650 : 400,
                borderColor: index <= reached ? 'primary.main' : 'divider',
                bgcolor: index < reached ? 'primary.main' : 'transparent',
                color:
                  index < reached
                    ? 'primary.contrastText'
                    : index === reached
                      ? 'primary.main'
                      : 'text.secondary',
              }}
            >
              {share}%
            </Box>
          ))}
        </Box>
        {running ? (
          <Box component="span" sx={{ fontSize: '0.8125rem', color: 'text.secondary' }}>
            {formatDuration(elapsedMs)} of at least {formatDuration(holdMs)} in this step
          </Box>
        ) : null}
      </Box>
      {verdict === undefined ? null : <Box sx={{ fontSize: '0.8125rem' }}>{verdict}</Box>}
    </Box>
  )
}
