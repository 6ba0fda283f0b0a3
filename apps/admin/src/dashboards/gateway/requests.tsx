import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { MONO } from '../../app/theme.ts'
import { formatUnit } from '../../format/units.ts'
import { formatInstant, formatTime } from '../../time/instant.ts'
import type { Column } from '../../ui/sortable-table.tsx'
import { Empty, StaleBadge } from '../../ui/states.tsx'
import { TableSection } from '../../ui/table-section.tsx'
import { Muted } from './backend-state.tsx'
import { GatewayScreen, Nothing } from './gateway-screen.tsx'
import { useRecentRequests, type RecentRequest } from './queries.ts'
import { useSearch } from './use-search.tsx'

/** The last requests, as the access log has them. */
export function GatewayRequests(): ReactNode {
  return (
    <GatewayScreen title="Requests">
      {({ status }) =>
        status.accessLog ? (
          <Requests />
        ) : (
          <Nothing title="The access log is off">
            <code>MILLRACE_ACCESS_LOG=json</code>, or <code>gateway.accessLog: &apos;json&apos;</code>, writes
            one line per request, with its trace id and without its query, to <code>gateway/access.log</code>{' '}
            in the data directory. Its end is shown here.
          </Nothing>
        )
      }
    </GatewayScreen>
  )
}

const statusColor = (status: number): string =>
  status >= 500 ? 'error.main' : status >= 400 ? 'warning.main' : 'text.primary'

const textOf = (row: RecentRequest): string =>
  [
    row.method,
    row.status,
    row.host,
    row.path,
    row.pool,
    row.backend,
    row.split,
    row.cache,
    row.remote,
    row.traceId,
    row.requestId,
  ].join(' ')

const COLUMNS: Column<RecentRequest>[] = [
  {
    key: 'time',
    title: 'Time',
    value: ({ time }) => time,
    cell: ({ time }) => (
      <Box component="span" title={formatInstant(time)} sx={{ whiteSpace: 'nowrap' }}>
        {formatTime(time)}
      </Box>
    ),
  },
  {
    key: 'path',
    title: 'Request',
    value: ({ path }) => path,
    cell: ({ method, path, host }) => (
      <Box sx={{ minWidth: 120, maxWidth: 420 }}>
        <Box sx={{ overflowWrap: 'anywhere' }}>
          <Muted>{method}</Muted> <strong>{path}</strong>
        </Box>
        {host === undefined ? null : (
          <Box sx={{ color: 'text.secondary', fontSize: '0.75rem', overflowWrap: 'anywhere' }}>{host}</Box>
        )}
      </Box>
    ),
  },
  {
    key: 'status',
    title: 'Status',
    numeric: true,
    value: ({ status }) => status,
    cell: ({ status }) => (
      <Box component="span" sx={{ color: statusColor(status), fontWeight: 600 }}>
        {status}
      </Box>
    ),
  },
  {
    key: 'duration',
    title: 'Duration',
    numeric: true,
    value: ({ durationMs }) => durationMs,
    cell: ({ durationMs }) => formatUnit(durationMs / 1_000, 's'),
  },
  {
    key: 'backend',
    title: 'Answered by',
    value: ({ backend, pool }) => backend ?? pool,
    cell: ({ backend, pool, cache, attempts, split }) => (
      <Box sx={{ minWidth: 90 }}>
        <Box sx={{ overflowWrap: 'anywhere' }}>
          {backend ??
            (cache === undefined || cache === 'miss' ? <Muted>{pool ?? 'no route'}</Muted> : 'cache')}
        </Box>
        <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>
          {[
            cache === undefined ? undefined : `cache: ${cache}`,
            split,
            attempts > 1 ? `${attempts} attempts` : undefined,
          ]
            .filter((part) => part !== undefined)
            .join(' · ')}
        </Box>
      </Box>
    ),
    hideBelow: 'sm',
  },
  {
    key: 'bytes',
    title: 'Size',
    numeric: true,
    value: ({ bytes }) => bytes,
    cell: ({ bytes }) => formatUnit(bytes, 'By'),
    hideBelow: 'md',
  },
  {
    key: 'remote',
    title: 'From',
    value: ({ remote }) => remote,
    cell: ({ remote }) => remote ?? '–',
    hideBelow: 'md',
  },
  {
    key: 'trace',
    title: 'Trace',
    value: ({ traceId }) => traceId,
    cell: ({ traceId }) =>
      traceId === undefined ? (
        '–'
      ) : (
        <Box component="code" title={traceId} sx={{ fontFamily: MONO, fontSize: '0.75rem' }}>
          {traceId.slice(0, 8)}…
        </Box>
      ),
    hideBelow: 'lg',
  },
]

const CSV = {
  name: 'requests',
  header: [
    'time',
    'method',
    'host',
    'path',
    'status',
    'ms',
    'bytes',
    'pool',
    'backend',
    'attempts',
    'cache',
    'split',
    'remote',
    'trace',
    'request',
  ],
  cells: (row: RecentRequest) => [
    new Date(row.time).toISOString(),
    row.method,
    row.host,
    row.path,
    row.status,
    row.durationMs,
    row.bytes,
    row.pool,
    row.backend,
    row.attempts,
    row.cache,
    row.split,
    row.remote,
    row.traceId,
    row.requestId,
  ],
}

function Requests(): ReactNode {
  const { data, error, refetch, dataUpdatedAt } = useRecentRequests()
  const { field, matches } = useSearch('path, status, trace id')
  const all = data?.requests
  const rows = all?.filter((row) => matches(textOf(row)))
  return (
    <TableSection
      title="Last requests"
      help="From the end of the access log, without queries. A trace id is there where the visitor sent one, or where the gateway begins traces."
      rows={rows}
      error={error}
      onRetry={() => void refetch()}
      csv={CSV}
      actions={
        <>
          {error === null || data === undefined ? null : (
            <StaleBadge since={dataUpdatedAt} reason={error.message} />
          )}
          {field}
        </>
      }
      columns={COLUMNS}
      rowKey={({ requestId = '', time, worker = '' }) => `${requestId} ${worker} ${time}`}
      initialSort={{ column: 'time', descending: true }}
      maxHeight={720}
      {...(all !== undefined && all.length > 0
        ? {}
        : { empty: <Empty title="No request yet" height={160} /> })}
    />
  )
}
