import { Box, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material'
import type { ReactNode } from 'react'
import { formatInstant } from '../../time/instant.ts'
import { TableFrame } from '../../ui/table-frame.tsx'
import type { Split } from './queries.ts'

/** `next 5% → 25%`, of the part that got more or less. */
function changeOf({ from, to }: Split['decisions'][number]): string {
  const changed = Object.keys(to).filter((part) => from[part] !== to[part])
  const part = changed.at(-1)
  return part === undefined ? '' : `${part} ${from[part] ?? 0}% → ${to[part]}%`
}

/** What was decided about a split, by whom, and why; the newest first. */
export function SplitDecisions({ split }: { split: Split }): ReactNode {
  if (split.decisions.length === 0) return null
  return (
    <Box sx={{ display: 'grid', gap: 0.5, minWidth: 0 }}>
      <Typography variant="h3">Decisions</Typography>
      <TableFrame label={`Decisions about ${split.name}`} maxHeight={260}>
        <TableHead>
          <TableRow>
            {['When', 'Decision', 'By', 'Why'].map((title) => (
              <TableCell key={title} sx={{ bgcolor: 'background.paper' }}>
                {title}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {split.decisions.toReversed().map((decision) => (
            <TableRow key={decision.sequence}>
              <TableCell sx={{ whiteSpace: { sm: 'nowrap' } }}>{formatInstant(decision.at)}</TableCell>
              <TableCell>
                <Box sx={{ fontWeight: 550 }}>{decision.decision}</Box>
                <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>{changeOf(decision)}</Box>
              </TableCell>
              <TableCell>{decision.by}</TableCell>
              <TableCell sx={{ minWidth: 160 }}>{decision.reason}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </TableFrame>
    </Box>
  )
}
