import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { useColorMode } from '../app/color-mode.tsx'
import { heatOf, type Heat } from './heatmap-cells.ts'
import { heatColor } from './palette.ts'
import type { RangeData } from './use-ranges.ts'

/** A heatmap of percentile series, one result per percentile of HEAT_QUANTILES. */
export const buildHeat = ({ results }: RangeData): Heat =>
  heatOf(
    results.map((result) => result.series[0] ?? { labels: {}, times: [], values: [] }),
    results[0]?.stepMs ?? 1,
  )

const SCALE = [0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1]

/** What the colours of a heatmap mean. */
export function HeatScale(): ReactNode {
  const mode = useColorMode()
  return (
    <Box
      sx={{ display: 'flex', alignItems: 'center', gap: 0.75, fontSize: '0.75rem', color: 'text.secondary' }}
    >
      few
      <Box aria-hidden sx={{ display: 'flex' }}>
        {SCALE.map((share) => (
          <Box key={share} sx={{ width: 14, height: 10, bgcolor: heatColor(share, mode) }} />
        ))}
      </Box>
      many requests
    </Box>
  )
}
