import { Box, Paper, Skeleton, Tooltip, Typography } from '@mui/material'
import type { ReactNode } from 'react'
import { formatChange, formatUnit, splitUnit, type Unit } from '../format/units.ts'
import { lastValue, type Values } from './align.ts'
import { Sparkline } from './sparkline.tsx'

export interface TileProps {
  label: string
  help: string
  unit: Unit
  /** Over the whole range; undefined while it is not known yet, null when there is none. */
  value: number | null | undefined
  /** The same over the period before. */
  previous: number | null | undefined
  values: Values | undefined
  /** Which direction is good news; none: a change is just a change. */
  better?: 'lower' | 'higher'
  /** Words for the period before: `previous 15 minutes`. */
  before: string
}

function changeColor(change: number, better: TileProps['better']): string {
  if (better === undefined || Math.abs(change) < 0.05) return 'text.secondary'
  return change < 0 === (better === 'lower') ? 'success.main' : 'error.main'
}

/** One number over the range, its course, and how it compares with the period before. */
export function Tile({ label, help, unit, value, previous, values, better, before }: TileProps): ReactNode {
  const [number, suffix] = splitUnit(value, unit)
  const change = formatChange(value, previous)
  const delta = change === undefined ? 0 : value! - previous!
  return (
    <Paper
      component="section"
      aria-label={label}
      sx={{ p: 1.5, minWidth: 0, display: 'flex', flexDirection: 'column', gap: 0.25 }}
    >
      <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', gap: 1 }}>
        <Tooltip title={help} placement="bottom-start">
          <Typography
            variant="body2"
            component="h3"
            sx={{ color: 'text.secondary', fontWeight: 550, width: 'fit-content' }}
          >
            {label}
          </Typography>
        </Tooltip>
        {change === undefined ? null : (
          <Tooltip title={`${formatUnit(previous, unit)} in the ${before}`}>
            <Box
              component="span"
              sx={{
                color: changeColor(delta / Math.abs(previous!), better),
                fontWeight: 550,
                fontSize: '0.75rem',
                whiteSpace: 'nowrap',
              }}
            >
              {delta > 0 ? '▲' : delta < 0 ? '▼' : ''}
              {change}
            </Box>
          </Tooltip>
        )}
      </Box>
      {value === undefined ? (
        <Skeleton variant="text" width="60%" sx={{ fontSize: '1.75rem' }} aria-label="loading" />
      ) : (
        <Box
          sx={{
            display: 'flex',
            alignItems: 'baseline',
            columnGap: 0.5,
            flexWrap: 'wrap',
            whiteSpace: 'nowrap',
          }}
        >
          <Box
            component="span"
            data-testid="tile-value"
            sx={{ fontSize: '1.625rem', fontWeight: 650, letterSpacing: '-0.02em', lineHeight: 1.3 }}
          >
            {number}
          </Box>
          <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
            {suffix}
          </Box>
        </Box>
      )}
      <Box sx={{ minHeight: 32 }}>{values === undefined ? null : <Sparkline values={values} />}</Box>
      <Box sx={{ fontSize: '0.75rem', color: 'text.secondary' }}>
        now {formatUnit(lastValue(values), unit)}
      </Box>
    </Paper>
  )
}
