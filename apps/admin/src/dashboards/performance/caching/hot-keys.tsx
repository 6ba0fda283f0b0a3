import DownloadOutlined from '@mui/icons-material/FileDownloadOutlined'
import { Box, Button, Paper } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { csvFileName, downloadCsv, toCsv } from '../../../format/csv.ts'
import { formatUnit } from '../../../format/units.ts'
import { Section } from '../../../ui/page.tsx'
import { RatioBar } from '../../../ui/ratio-bar.tsx'
import { SortableTable, type Column } from '../../../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
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

const exportRows = (rows: readonly HotKey[]): void =>
  downloadCsv(
    csvFileName('hottest-keys', Date.now()),
    toCsv(
      ['service', 'namespace', 'key', 'reads per second', 'share of the service'],
      rows.map((row) => [row.service, row.namespace, row.key, row.readsPerSecond, row.share]),
    ),
  )

/** The keys that are read most at present: candidates for a longer life, or for a look at who asks so often. */
export function HotKeys({ service }: { service: string }): ReactNode {
  const { data, error, refetch } = useHotKeys()
  const rows = useMemo(
    () => data?.rows.filter((row) => service === '' || row.service === service),
    [data, service],
  )
  return (
    <Section
      title="Hottest keys"
      help="At present, from each process's own count of its most read keys."
      actions={
        rows === undefined || rows.length === 0 ? null : (
          <Button startIcon={<DownloadOutlined />} onClick={() => exportRows(rows)} color="inherit">
            CSV
          </Button>
        )
      }
    >
      {rows === undefined ? (
        error === null ? (
          <Paper sx={{ p: 1.5 }}>
            <Loading height={160} label="Hottest keys: loading" />
          </Paper>
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <SortableTable
          label="Hottest keys"
          rows={rows}
          columns={COLUMNS}
          rowKey={(row) => `${row.service} ${row.namespace} ${row.key}`}
          sortParam="keys"
          initialSort={{ column: 'rate', descending: true }}
          maxHeight={420}
          empty={
            <Empty title="No key stands out">
              Processes report the keys they read most while they are read.
            </Empty>
          }
        />
      )}
    </Section>
  )
}
