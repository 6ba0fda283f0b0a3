import { Box } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { formatUnit } from '../../../format/units.ts'
import { RatioBar } from '../../../ui/ratio-bar.tsx'
import type { Column } from '../../../ui/sortable-table.tsx'
import { Empty } from '../../../ui/states.tsx'
import { TableSection } from '../../../ui/table-section.tsx'
import { useHotKeys, type HotKey } from './queries.ts'

const COLUMNS: Column<HotKey>[] = [
  {
    key: 'key',
    title: 'Key',
    value: ({ key }) => key,
    cell: ({ key }) => (
      <Box component="span" sx={{ overflowWrap: 'anywhere', fontWeight: 550 }}>
        {key}
      </Box>
    ),
  },
  {
    key: 'namespace',
    title: 'Namespace',
    value: ({ namespace }) => namespace,
    cell: ({ namespace }) => namespace,
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
    title: 'Reads',
    numeric: true,
    value: ({ readsPerSecond }) => readsPerSecond,
    cell: ({ readsPerSecond }) => formatUnit(readsPerSecond, '/s'),
  },
  {
    key: 'share',
    title: 'Of its service',
    numeric: true,
    value: ({ share }) => share,
    cell: ({ share }) => <RatioBar value={share} />,
    hideBelow: 'sm',
  },
]

const CSV = {
  name: 'hottest-keys',
  header: ['service', 'namespace', 'key', 'reads per second', 'share of the service'],
  cells: (row: HotKey) => [row.service, row.namespace, row.key, row.readsPerSecond, row.share],
}

/** The keys that are read most at present: candidates for a longer life, or for a look at who asks so often. */
export function HotKeys({ service }: { service: string }): ReactNode {
  const { data, error, refetch } = useHotKeys()
  const rows = useMemo(
    () => data?.rows.filter((row) => service === '' || row.service === service),
    [data, service],
  )
  return (
    <TableSection
      title="Hottest keys"
      help="At present, from each process's own count of its most read keys."
      rows={rows}
      error={error}
      onRetry={() => void refetch()}
      csv={CSV}
      columns={COLUMNS}
      rowKey={(row) => `${row.service} ${row.namespace} ${row.key}`}
      sortParam="keys"
      initialSort={{ column: 'rate', descending: true }}
      maxHeight={420}
      empty={
        <Empty title="No key stands out">Processes report the keys they read most while they are read.</Empty>
      }
    />
  )
}
