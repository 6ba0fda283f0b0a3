import { Box, Tooltip } from '@mui/material'
import type { Component } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { useRuntime } from '../api/queries.ts'
import { formatAge } from '../time/duration.ts'
import { formatInstant } from '../time/instant.ts'
import { SortableTable, type Column } from '../ui/sortable-table.tsx'
import { Empty, Failed, Loading, useSecond } from '../ui/states.tsx'
import { StateChip } from '../ui/state-chip.tsx'

const age = (at: number | undefined, now: number): ReactNode =>
  at === undefined ? (
    '–'
  ) : (
    <Tooltip title={formatInstant(at)}>
      <span>{formatAge(now - at)}</span>
    </Tooltip>
  )

/** Troubled ones first, then by name. */
const URGENCY: Record<Component['state'], number> = {
  failed: 0,
  restarting: 1,
  starting: 2,
  draining: 3,
  stopped: 4,
  ready: 5,
}

function columns(now: number): Column<Component>[] {
  return [
    {
      key: 'id',
      title: 'Component',
      value: ({ id }) => id,
      cell: ({ id }) => <strong style={{ fontWeight: 550 }}>{id}</strong>,
    },
    { key: 'kind', title: 'Kind', value: ({ kind }) => kind, cell: ({ kind }) => kind, hideBelow: 'sm' },
    {
      key: 'state',
      title: 'State',
      value: ({ state }) => URGENCY[state],
      cell: ({ state }) => <StateChip state={state} />,
    },
    {
      key: 'uptime',
      title: 'Up for',
      numeric: true,
      value: ({ readySince }) => (readySince === undefined ? null : now - readySince),
      cell: ({ readySince, state }) => age(state === 'ready' ? readySince : undefined, now),
    },
    {
      key: 'restarts',
      title: 'Restarts',
      numeric: true,
      value: ({ restarts }) => restarts,
      cell: ({ restarts }) =>
        restarts === 0 ? (
          '0'
        ) : (
          <Box component="span" sx={{ color: 'warning.main', fontWeight: 600 }}>
            {restarts}
          </Box>
        ),
    },
    {
      key: 'failure',
      title: 'Last failure',
      value: ({ lastFailure }) => lastFailure?.at,
      cell: ({ lastFailure }) =>
        lastFailure === undefined ? (
          <Box component="span" sx={{ color: 'text.secondary' }}>
            none
          </Box>
        ) : (
          <span>
            {lastFailure.reason}, {age(lastFailure.at, now)} ago
          </span>
        ),
    },
    {
      key: 'address',
      title: 'Address',
      value: ({ address }) => address,
      cell: ({ address, pid }) => (
        <Box component="span" sx={{ color: 'text.secondary' }}>
          {address ?? ''}
          {address !== undefined && pid !== undefined ? ' · ' : ''}
          {pid === undefined ? '' : `pid ${pid}`}
        </Box>
      ),
      hideBelow: 'lg',
    },
  ]
}

/** Everything that the supervisor keeps alive, kept fresh by the live stream. */
export function ComponentsTable({ kinds }: { kinds?: readonly Component['kind'][] }): ReactNode {
  const { data, error, refetch } = useRuntime()
  const now = useSecond()
  if (data === undefined) {
    return error === null ? (
      <Loading height={160} label="Components: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  const rows = data.components.filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  return (
    <SortableTable
      label="Components"
      rows={rows}
      columns={columns(now)}
      rowKey={({ id }) => id}
      sortParam="components"
      initialSort={{ column: 'id', descending: false }}
      empty={
        <Empty title={data.connected ? 'Nothing runs' : 'No supervisor'}>
          {data.connected
            ? 'Applications in millrace.config.ts appear here when they start.'
            : 'This control plane was started alone. Start the platform with millrace up.'}
        </Empty>
      }
    />
  )
}
