import { Box } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { ActionButton } from '../../forms/action-button.tsx'
import { formatUnit } from '../../format/units.ts'
import { formatAge } from '../../time/duration.ts'
import type { Column } from '../../ui/sortable-table.tsx'
import { Empty, StaleBadge, useSecond } from '../../ui/states.tsx'
import { TableSection } from '../../ui/table-section.tsx'
import { Muted } from './backend-state.tsx'
import { GatewayScreen, type Gateway } from './gateway-screen.tsx'
import { useConnections, type Connection } from './queries.ts'
import { useSearch } from './use-search.tsx'

/** Who is connected now, and what is in progress for them. */
export function GatewayConnections(): ReactNode {
  return <GatewayScreen title="Connections">{(gateway) => <Connections gateway={gateway} />}</GatewayScreen>
}

const STATES: Readonly<Record<Connection['requests'][number]['state'], string>> = {
  queued: 'waits for a backend',
  sent: 'waits for the answer',
  answering: 'is being answered',
  tunnel: 'open',
}

const bytesOf = ({ receivedBytes, sentBytes }: Connection): number | null =>
  receivedBytes === null || sentBytes === null ? null : receivedBytes + sentBytes

const textOf = (connection: Connection): string =>
  [
    connection.address,
    connection.protocol,
    connection.requests.length === 0 ? 'idle' : '',
    ...connection.requests.flatMap(({ method, host, path, client, pool, backend, state }) => [
      method ?? '',
      host ?? '',
      path ?? '',
      client,
      pool,
      backend ?? '',
      STATES[state],
    ]),
  ].join(' ')

function Visitor({ connection }: { connection: Connection }): ReactNode {
  const client = connection.requests.find((request) => request.client !== connection.address)?.client
  return (
    <Box sx={{ minWidth: 100 }}>
      <Box sx={{ fontWeight: 550, overflowWrap: 'anywhere' }}>{client ?? connection.address}</Box>
      <Box sx={{ color: 'text.secondary', fontSize: '0.75rem', overflowWrap: 'anywhere' }}>
        {client === undefined ? `port ${connection.port}` : `through ${connection.address}`}
      </Box>
    </Box>
  )
}

function Requests({ connection }: { connection: Connection }): ReactNode {
  if (connection.requests.length === 0) return <Muted>idle</Muted>
  return connection.requests.map(({ method, host, path, pool, backend, state, ageMs }, index) => (
    <Box key={index} sx={{ minWidth: 120 }}>
      <Box sx={{ overflowWrap: 'anywhere', maxWidth: 420 }}>
        {method === null || path === null ? (
          <Muted>a request</Muted>
        ) : (
          <>
            <Muted>{method}</Muted> <strong>{path}</strong>
          </>
        )}
      </Box>
      <Box sx={{ color: 'text.secondary', fontSize: '0.75rem', overflowWrap: 'anywhere' }}>
        {[host, backend ?? pool, `${STATES[state]} ${formatAge(ageMs)}`].filter(Boolean).join(' · ')}
      </Box>
    </Box>
  ))
}

function columnsOf(now: number, action: Gateway['action']): Column<Connection>[] {
  const close = action('close-connection')
  return [
    {
      key: 'address',
      title: 'Visitor',
      value: ({ address, port }) => `${address} ${port}`,
      cell: (connection) => <Visitor connection={connection} />,
    },
    {
      key: 'protocol',
      title: 'Protocol',
      value: ({ protocol }) => protocol,
      cell: ({ protocol, tls }) => (
        <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
          {protocol}
          {tls ? <Muted> TLS</Muted> : null}
        </Box>
      ),
      hideBelow: 'sm',
    },
    {
      key: 'request',
      title: 'In progress',
      value: ({ requests }) => Math.max(-1, ...requests.map(({ ageMs }) => ageMs)),
      cell: (connection) => <Requests connection={connection} />,
    },
    {
      key: 'since',
      title: 'Open for',
      numeric: true,
      value: ({ since }) => (since === null ? null : -since),
      cell: ({ since }) => (since === null ? '–' : formatAge(now - since)),
      hideBelow: 'sm',
    },
    {
      key: 'bytes',
      title: 'Received / sent',
      numeric: true,
      value: bytesOf,
      cell: ({ receivedBytes, sentBytes }) =>
        `${formatUnit(receivedBytes, 'By')} / ${formatUnit(sentBytes, 'By')}`,
      hideBelow: 'md',
    },
    {
      key: 'worker',
      title: 'Worker',
      numeric: true,
      value: ({ worker }) => worker,
      cell: ({ worker }) => worker ?? '–',
      hideBelow: 'lg',
    },
    {
      key: 'action',
      title: '',
      cell: ({ id, address, port }) =>
        close === undefined ? null : (
          <ActionButton
            capability="gateway"
            action={close}
            input={{ connection: id }}
            label={`Close the connection of ${address} port ${port}`}
          >
            Close…
          </ActionButton>
        ),
    },
  ]
}

const CSV = {
  name: 'connections',
  header: [
    'id',
    'address',
    'protocol',
    'since',
    'received',
    'sent',
    'method',
    'path',
    'pool',
    'backend',
    'ms',
  ],
  cells: (row: Connection) => {
    const [request] = row.requests
    return [
      row.id,
      row.address,
      row.protocol,
      row.since === null ? null : new Date(row.since).toISOString(),
      row.receivedBytes,
      row.sentBytes,
      request?.method,
      request?.path,
      request?.pool,
      request?.backend,
      request?.ageMs,
    ]
  },
}

function Connections({ gateway }: { gateway: Gateway }): ReactNode {
  const { data, error, refetch, dataUpdatedAt } = useConnections()
  const { field, matches } = useSearch('address, path, pool')
  const now = useSecond()
  const columns = useMemo(() => columnsOf(now, gateway.action), [now, gateway.action])
  const rows = data?.connections.filter((connection) => matches(textOf(connection)))
  const seen = data?.connections.length ?? 0
  const hidden = (data?.total ?? 0) - seen
  const help = [
    data === undefined ? undefined : `${data.total} open.`,
    hidden > 0 ? `${hidden} more are not shown: of each worker the busy ones, then the oldest.` : undefined,
    gateway.status.engine === 'haproxy'
      ? 'HAProxy shows requests in progress only, and not what they ask for.'
      : undefined,
  ]
  return (
    <TableSection
      title="Open connections"
      help={help.filter(Boolean).join(' ')}
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
      columns={columns}
      rowKey={({ id }) => id}
      initialSort={{ column: 'request', descending: true }}
      maxHeight={720}
      {...(seen > 0
        ? {}
        : {
            empty: (
              <Empty title="Nobody is connected" height={160}>
                Visitors’ connections are seen here as long as they are open.
              </Empty>
            ),
          })}
    />
  )
}
