import { Paper, Table } from '@mui/material'
import type { ReactNode } from 'react'

interface TableFrameProps {
  /** Names the region for those who move by landmarks. */
  label: string
  /** CSS pixels; taller tables scroll below their header. */
  maxHeight?: number | undefined
  children: ReactNode
}

/** A table that scrolls inside its frame: with the mouse, and with the keyboard because the frame can be focused. */
export function TableFrame({ label, maxHeight, children }: TableFrameProps): ReactNode {
  return (
    <Paper
      component="section"
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      sx={{ overflow: 'auto', maxHeight, '& tbody tr:last-child td': { borderBottom: 0 } }}
    >
      <Table stickyHeader={maxHeight !== undefined}>{children}</Table>
    </Paper>
  )
}
