import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { formatUnit } from '../format/units.ts'

/** A bar before a percentage, so that the eye finds the large ones; a dash when it is not known. */
export function RatioBar({ value }: { value: number | null }): ReactNode {
  if (value === null) return '–'
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', justifyContent: 'flex-end', gap: 1 }}>
      <Box
        aria-hidden
        sx={{
          width: 56,
          height: 6,
          borderRadius: 1,
          bgcolor: 'action.hover',
          overflow: 'hidden',
          display: { xs: 'none', sm: 'block' },
        }}
      >
        <Box sx={{ width: `${value * 100}%`, height: 1, bgcolor: 'primary.main' }} />
      </Box>
      <Box component="span" sx={{ minWidth: 40 }}>
        {formatUnit(value, 'ratio')}
      </Box>
    </Box>
  )
}
