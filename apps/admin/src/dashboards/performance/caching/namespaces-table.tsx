import { Box, Button } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { useTotals } from '../../../charts/use-totals.ts'
import { formatUnit } from '../../../format/units.ts'
import { RatioBar } from '../../../ui/ratio-bar.tsx'
import type { Column } from '../../../ui/sortable-table.tsx'
import { Empty } from '../../../ui/states.tsx'
import { TableSection } from '../../../ui/table-section.tsx'
import { namespaceRows, type NamespaceRow } from './namespaces-model.ts'
import type { CacheSpecs } from './specs.ts'

interface NamespacesTableProps {
  specs: CacheSpecs
  /** Absent for those who may not purge. */
  onPurge?: (row: NamespaceRow) => void
}

const CSV = {
  name: 'cache-namespaces',
  header: [
    'service',
    'namespace',
    'reads',
    'hit ratio',
    'from memory',
    'from Redis',
    'evictions',
    'stampedes avoided',
    'entries',
    'bytes',
  ],
  cells: (row: NamespaceRow) => [
    row.service,
    row.namespace,
    row.reads,
    row.hitRatio,
    row.memory,
    row.shared,
    row.evictions,
    row.stampedesAvoided,
    row.entries,
    row.bytes,
  ],
}

/** Every namespace of every service over the range: what it saves, what it takes. */
export function NamespacesTable({ specs, onPurge }: NamespacesTableProps): ReactNode {
  const { present, error, retry } = useTotals(specs.namespaceTotals)
  const rows = useMemo(() => (present === undefined ? undefined : namespaceRows(present)), [present])
  const columns = useMemo(() => namespaceColumns(onPurge), [onPurge])
  return (
    <TableSection
      title="Namespaces"
      help="Over the range. Reads from memory cost nothing, reads from Redis one round trip."
      rows={rows}
      error={error}
      onRetry={retry}
      csv={CSV}
      columns={columns}
      rowKey={({ key }) => key}
      sortParam="namespaces"
      initialSort={{ column: 'reads', descending: true }}
      maxHeight={480}
      empty={<Empty title="Nothing was read from a cache in this range" />}
    />
  )
}

function namespaceColumns(onPurge: NamespacesTableProps['onPurge']): Column<NamespaceRow>[] {
  const number = (
    key: 'reads' | 'evictions' | 'entries',
    title: string,
    hideBelow?: 'sm' | 'md' | 'lg',
  ): Column<NamespaceRow> => ({
    key,
    title,
    numeric: true,
    value: (row) => row[key],
    cell: (row) => formatUnit(row[key] === null ? null : Math.round(row[key]), '1'),
    ...(hideBelow === undefined ? {} : { hideBelow }),
  })
  return [
    {
      key: 'namespace',
      title: 'Namespace',
      value: ({ namespace }) => namespace,
      cell: ({ namespace }) => (
        <Box
          component="span"
          sx={{ fontWeight: 550, display: 'inline-block', minWidth: 120, overflowWrap: 'anywhere' }}
        >
          {namespace}
        </Box>
      ),
    },
    {
      key: 'service',
      title: 'Service',
      value: ({ service }) => service,
      cell: ({ service }) => service,
      hideBelow: 'sm',
    },
    number('reads', 'Reads'),
    {
      key: 'hitRatio',
      title: 'Hit ratio',
      numeric: true,
      value: ({ hitRatio }) => hitRatio,
      cell: ({ hitRatio }) => <RatioBar value={hitRatio} />,
    },
    {
      key: 'shared',
      title: 'From Redis',
      numeric: true,
      value: ({ shared }) => shared,
      cell: ({ shared }) => formatUnit(shared, 'ratio'),
      hideBelow: 'md',
    },
    number('evictions', 'Evictions', 'md'),
    number('entries', 'Entries', 'lg'),
    {
      key: 'bytes',
      title: 'Memory',
      numeric: true,
      value: ({ bytes }) => bytes,
      cell: ({ bytes }) => formatUnit(bytes, 'By'),
      hideBelow: 'sm',
    },
    ...(onPurge === undefined
      ? []
      : [
          {
            key: 'purge',
            title: '',
            cell: (row: NamespaceRow) => (
              <Button
                color="inherit"
                onClick={() => onPurge(row)}
                aria-label={`Purge ${row.namespace} of ${row.service}`}
              >
                Purge…
              </Button>
            ),
            hideBelow: 'sm',
          } satisfies Column<NamespaceRow>,
        ]),
  ]
}
