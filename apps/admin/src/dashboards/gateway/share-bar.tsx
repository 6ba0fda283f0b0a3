import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { useColorMode } from '../../app/color-mode.tsx'
import { seriesColor } from '../../charts/palette.ts'

export interface Share {
  name: string
  /** Percent. */
  share: number
}

/** Parts of a whole side by side; the same numbers stand in the table below. */
export function ShareBar({ shares }: { shares: readonly Share[] }): ReactNode {
  const mode = useColorMode()
  return (
    <Box
      aria-hidden
      sx={{
        display: 'flex',
        height: 14,
        borderRadius: 1,
        overflow: 'hidden',
        bgcolor: 'action.hover',
        gap: '2px',
      }}
    >
      {shares.map(({ name, share }, index) => (
        <Box
          key={name}
          sx={{
            width: `${share}%`,
            bgcolor: seriesColor(index, mode),
            transition: 'width 300ms',
            flexShrink: 0,
          }}
        />
      ))}
    </Box>
  )
}

/** The colour of a part, as in the bar. */
export function PartDot({ index }: { index: number }): ReactNode {
  const mode = useColorMode()
  return (
    <Box
      aria-hidden
      component="span"
      sx={{
        display: 'inline-block',
        width: 10,
        height: 10,
        borderRadius: 0.5,
        mr: 1,
        bgcolor: seriesColor(index, mode),
      }}
    />
  )
}
