import { Box } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { ActionButton } from '../../forms/action-button.tsx'
import { formatUnit } from '../../format/units.ts'
import { SortableTable, type Column } from '../../ui/sortable-table.tsx'
import { Empty, useSecond } from '../../ui/states.tsx'
import { BackendState, CircuitState, HealthCheck, stateOf } from './backend-state.tsx'
import type { Gateway } from './gateway-screen.tsx'
import type { Backend } from './queries.ts'

type Width = 'sm' | 'md' | 'lg'

const number = (
  key: 'inFlight' | 'requests' | 'failures' | 'weight',
  title: string,
  hideBelow?: Width,
): Column<Backend> => ({
  key,
  title,
  numeric: true,
  value: (row) => row[key],
  cell: (row) => formatUnit(row[key], '1'),
  ...(hideBelow === undefined ? {} : { hideBelow }),
})

function columnsOf(now: number, action: Gateway['action']): Column<Backend>[] {
  return [
    {
      key: 'id',
      title: 'Backend',
      value: ({ id }) => id,
      cell: ({ id, address }) => (
        <Box sx={{ minWidth: 110 }}>
          <Box sx={{ fontWeight: 550, overflowWrap: 'anywhere' }}>{id}</Box>
          <Box sx={{ color: 'text.secondary', fontSize: '0.75rem', overflowWrap: 'anywhere' }}>
            {address.replace(/^http:\/\//, '')}
          </Box>
        </Box>
      ),
    },
    { key: 'state', title: 'State', value: stateOf, cell: (backend) => <BackendState backend={backend} /> },
    {
      key: 'circuit',
      title: 'Circuit',
      value: ({ circuit }) => circuit,
      cell: (backend) => <CircuitState backend={backend} />,
      hideBelow: 'md',
    },
    {
      key: 'health',
      title: 'Health check',
      value: ({ health }) => (health === undefined ? null : health.healthy ? 1 : 0),
      cell: (backend) => <HealthCheck backend={backend} now={now} />,
      hideBelow: 'sm',
    },
    number('weight', 'Weight', 'lg'),
    number('inFlight', 'In flight', 'sm'),
    {
      key: 'latency',
      title: 'Latency',
      numeric: true,
      value: ({ latencyMs }) => (latencyMs > 0 ? latencyMs : null),
      cell: ({ latencyMs }) => formatUnit(latencyMs > 0 ? latencyMs / 1_000 : null, 's'),
      hideBelow: 'lg',
    },
    number('requests', 'Requests', 'md'),
    number('failures', 'Failures', 'sm'),
    {
      key: 'action',
      title: '',
      cell: (backend) => <DrainButton backend={backend} action={action} />,
    },
  ]
}

/** Out, or back in; either way the dialog of the result offers the opposite. */
function DrainButton({ backend, action }: { backend: Backend; action: Gateway['action'] }): ReactNode {
  const draining = backend.state === 'draining'
  const found = action(draining ? 'undrain-backend' : 'drain-backend')
  if (found === undefined) return null
  const input = { backend: backend.id }
  return (
    <ActionButton
      capability="gateway"
      action={found}
      input={input}
      label={`${draining ? 'Take back' : 'Drain'} ${backend.id}`}
      undo={{ action: draining ? 'drain-backend' : 'undrain-backend', input }}
    >
      {draining ? 'Take back…' : 'Drain…'}
    </ActionButton>
  )
}

interface BackendsTableProps {
  pool: string
  backends: readonly Backend[]
  action: Gateway['action']
}

/** Every backend of a pool: what it gets, how it answers, why it is out. */
export function BackendsTable({ pool, backends, action }: BackendsTableProps): ReactNode {
  const now = useSecond()
  const columns = useMemo(() => columnsOf(now, action), [now, action])
  return (
    <SortableTable
      label={`Backends of ${pool}`}
      rows={backends}
      columns={columns}
      rowKey={({ id }) => id}
      sortParam="backends"
      initialSort={{ column: 'id', descending: false }}
      maxHeight={480}
      empty={
        <Empty title="No backend">
          None of its instances is ready, or nothing was found where they are looked up: every request is
          answered with 503.
        </Empty>
      }
    />
  )
}
