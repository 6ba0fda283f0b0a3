import { Box } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { formatUnit } from '../../format/units.ts'
import { SortableTable, type Column } from '../../ui/sortable-table.tsx'
import type { Split } from './queries.ts'
import { PartDot } from './share-bar.tsx'

type Part = Split['parts'][number]

const latency = (key: 'p50Ms' | 'p95Ms' | 'p99Ms', title: string, hideBelow?: 'sm'): Column<Part> => ({
  key,
  title,
  numeric: true,
  value: (part) => part.latency?.[key],
  cell: (part) => formatUnit(part.latency === undefined ? null : part.latency[key] / 1_000, 's'),
  ...(hideBelow === undefined ? {} : { hideBelow }),
})

const errorRate = ({ requests, errors }: Part): number | null => (requests === 0 ? null : errors / requests)

function columnsOf(split: Split): Column<Part>[] {
  return [
    {
      key: 'application',
      title: 'Part',
      value: ({ application }) => application,
      cell: (part) => (
        <Box sx={{ whiteSpace: 'nowrap' }}>
          <PartDot index={split.parts.indexOf(part)} />
          <Box component="span" sx={{ fontWeight: 550 }}>
            {part.application}
          </Box>
          {part.application === split.stable ? (
            <Box component="span" sx={{ color: 'text.secondary' }}>
              {' '}
              stable
            </Box>
          ) : null}
        </Box>
      ),
    },
    {
      key: 'share',
      title: 'Share',
      numeric: true,
      value: ({ share }) => share,
      cell: ({ share }) => formatUnit(share / 100, 'ratio'),
    },
    {
      key: 'requests',
      title: 'Requests',
      numeric: true,
      value: ({ requests }) => requests,
      cell: ({ requests }) => formatUnit(requests, '1'),
      hideBelow: 'sm',
    },
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      value: errorRate,
      cell: (part) => (
        <Box component="span" sx={part.errors > 0 ? { color: 'error.main', fontWeight: 600 } : {}}>
          {formatUnit(errorRate(part), 'ratio')}
        </Box>
      ),
    },
    latency('p50Ms', 'p50', 'sm'),
    latency('p95Ms', 'p95'),
    latency('p99Ms', 'p99'),
  ]
}

/** What each part answered since the present workers started. */
export function SplitParts({ split }: { split: Split }): ReactNode {
  const columns = useMemo(() => columnsOf(split), [split])
  return (
    <SortableTable
      label={`Parts of ${split.name}`}
      rows={split.parts}
      columns={columns}
      rowKey={({ application }) => application}
      sortParam="parts"
      initialSort={{ column: 'share', descending: true }}
    />
  )
}
