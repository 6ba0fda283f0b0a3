import { Box, ButtonBase } from '@mui/material'
import { formatUnit } from '../../format/units.ts'
import { RatioBar } from '../../ui/ratio-bar.tsx'
import type { Column } from '../../ui/sortable-table.tsx'
import type { LatencyRow } from './routes-model.ts'

const seconds = (key: 'p50' | 'p95' | 'p99', hideBelow?: 'sm' | 'md'): Column<LatencyRow> => ({
  key,
  title: key,
  numeric: true,
  value: (row) => row[key],
  cell: (row) => formatUnit(row[key], 's'),
  ...(hideBelow === undefined ? {} : { hideBelow }),
})

interface ColumnNames {
  name: string
  /** Present when rows can be chosen. */
  onSelect?: (row: LatencyRow) => void
  errors: boolean
}

/** Columns of the route table and of the database table: the same questions, asked of both. */
export function latencyColumns({ name, onSelect, errors }: ColumnNames): Column<LatencyRow>[] {
  const label = (row: LatencyRow) => (
    <Box component="span" sx={{ display: 'inline-flex', gap: 1, textAlign: 'left', alignItems: 'baseline' }}>
      <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.75rem', minWidth: 34 }}>
        {row.verb}
      </Box>
      <Box component="span" sx={{ fontWeight: 550, overflowWrap: 'anywhere', minWidth: 90 }}>
        {row.name || '(no route)'}
      </Box>
    </Box>
  )
  return [
    {
      key: 'name',
      title: name,
      value: ({ name, verb }) => `${name} ${verb}`,
      cell: (row) =>
        onSelect === undefined ? (
          label(row)
        ) : (
          <ButtonBase
            onClick={(event) => {
              event.stopPropagation()
              onSelect(row)
            }}
            sx={{ borderRadius: 0.5, fontSize: 'inherit' }}
          >
            {label(row)}
          </ButtonBase>
        ),
    },
    {
      key: 'service',
      title: 'Service',
      value: ({ service }) => service,
      cell: ({ service }) => service,
      hideBelow: 'sm',
    },
    {
      key: 'rate',
      title: 'Rate',
      numeric: true,
      value: ({ rate }) => rate,
      cell: ({ rate }) => formatUnit(rate, '/s'),
    },
    seconds('p50', 'md'),
    seconds('p95'),
    seconds('p99', 'md'),
    ...(errors
      ? [
          {
            key: 'errors',
            title: 'Errors',
            numeric: true,
            value: (row: LatencyRow) => row.errors,
            cell: ({ errors: value }: LatencyRow) => (
              <Box
                component="span"
                sx={value !== null && value > 0 ? { color: 'error.main', fontWeight: 600 } : {}}
              >
                {formatUnit(value, 'ratio')}
              </Box>
            ),
          } satisfies Column<LatencyRow>,
        ]
      : []),
    {
      key: 'share',
      title: 'Time spent',
      numeric: true,
      value: ({ share }) => share,
      cell: ({ share }) => <RatioBar value={share} />,
    },
  ]
}
