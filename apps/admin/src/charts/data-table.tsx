import { TableBody, TableCell, TableHead, TableRow } from '@mui/material'
import type { ReactNode } from 'react'
import { formatUnit, type Unit } from '../format/units.ts'
import { formatInstant } from '../time/instant.ts'
import { TableFrame } from '../ui/table-frame.tsx'
import type { ChartData } from './align.ts'

// The CSV has every row; a table of thousands would only make the page slow.
const MAX_ROWS = 200

/** The numbers behind a chart, newest first. */
export function DataTable({
  title,
  data,
  unit,
  height,
}: {
  title: string
  data: ChartData
  unit: Unit
  height: number
}): ReactNode {
  const rows = data.times
    .map((at, index) => ({ at, index }))
    .toReversed()
    .slice(0, MAX_ROWS)
  return (
    <>
      <TableFrame label={`${title}, values`} maxHeight={height}>
        <TableHead>
          <TableRow>
            <TableCell>Time</TableCell>
            {data.series.map(({ label }) => (
              <TableCell key={label} align="right">
                {label}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(({ at, index }) => (
            <TableRow key={at}>
              <TableCell sx={{ whiteSpace: 'nowrap' }}>{formatInstant(at)}</TableCell>
              {data.series.map(({ label, values }) => (
                <TableCell key={label} align="right">
                  {formatUnit(values[index], unit)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </TableFrame>
      {data.times.length > MAX_ROWS ? <TableRowNote shown={MAX_ROWS} total={data.times.length} /> : null}
    </>
  )
}

function TableRowNote({ shown, total }: { shown: number; total: number }): ReactNode {
  return (
    <p style={{ fontSize: '0.75rem', padding: '0 16px' }}>
      The newest {shown} of {total} steps. The CSV has all of them.
    </p>
  )
}
