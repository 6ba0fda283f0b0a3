import { Paper } from '@mui/material'
import type { AuditEntry } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { useAudit } from '../../api/queries.ts'
import { formatInstant } from '../../time/instant.ts'
import { SortableTable, type Column } from '../../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { StateChip } from '../../ui/state-chip.tsx'

const subject = ({ input }: AuditEntry): string =>
  typeof input === 'object' && input !== null
    ? Object.entries(input)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ')
    : ''

const COLUMNS: Column<AuditEntry>[] = [
  { key: 'at', title: 'Time', value: ({ at }) => at, cell: ({ at }) => formatInstant(at) },
  {
    key: 'action',
    title: 'Change',
    value: ({ action }) => action,
    cell: ({ action }) => action.replace('scaling.', ''),
  },
  { key: 'subject', title: 'What', value: subject, cell: subject },
  {
    key: 'actor',
    title: 'By',
    value: ({ actor }) => actor.name,
    cell: ({ actor }) => actor.name,
    hideBelow: 'sm',
  },
  {
    key: 'outcome',
    title: 'Outcome',
    value: ({ outcome }) => outcome,
    cell: ({ outcome }) => <StateChip state={outcome} />,
  },
]

export function RecentChanges(): ReactNode {
  const { data, error, refetch } = useAudit({ action: 'scaling.' })
  if (data === undefined) {
    return error === null ? (
      <Loading height={120} label="Changes: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  return data.length === 0 ? (
    <Paper>
      <Empty title="No changes yet">
        A change of the number of instances is recorded here, with who made it.
      </Empty>
    </Paper>
  ) : (
    <SortableTable
      label="Changes"
      rows={data}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      initialSort={{ column: 'at', descending: true }}
    />
  )
}
