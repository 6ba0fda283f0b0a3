import { Paper } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { useTotals } from '../../charts/use-totals.ts'
import { Section } from '../../ui/page.tsx'
import { SortableTable } from '../../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { latencyColumns } from './latency-columns.tsx'
import { latencyRows, OPERATION_LABELS, OPERATION_TOTALS } from './routes-model.ts'

const COLUMNS = latencyColumns({ name: 'Operation', errors: false })

/** Time that the applications wait for their databases, as the agent sees it. */
export function DatabaseOperations(): ReactNode {
  const { present, error, retry } = useTotals(OPERATION_TOTALS)
  const rows = useMemo(
    () => (present === undefined ? undefined : latencyRows(present, OPERATION_LABELS)),
    [present],
  )
  const body =
    rows === undefined ? (
      error === null ? (
        <Loading height={120} label="Database operations: loading" />
      ) : (
        <Failed error={error} onRetry={retry} />
      )
    ) : (
      <SortableTable
        label="Database operations"
        rows={rows}
        columns={COLUMNS}
        rowKey={({ key }) => key}
        sortParam="operations"
        initialSort={{ column: 'share', descending: true }}
        empty={
          <Empty title="No database calls in this range">
            The agent times every query that an application sends with the pg driver.
          </Empty>
        }
      />
    )
  return (
    <Section title="Database operations" help="Query times per service, measured in the application.">
      {rows === undefined && error === null ? <Paper sx={{ p: 1.5 }}>{body}</Paper> : body}
    </Section>
  )
}
