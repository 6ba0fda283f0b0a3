import { Box, Dialog, DialogContent, DialogTitle, Paper, TextField } from '@mui/material'
import type { AuditEntry } from '@millrace/api-client'
import { useMemo, useState, type ReactNode } from 'react'
import { AUDIT_LIMIT, useAudit } from '../api/queries.ts'
import { sectionAt } from '../app/navigation.ts'
import { JsonView } from '../forms/json-view.tsx'
import { formatInstant } from '../time/instant.ts'
import { Page } from '../ui/page.tsx'
import { SortableTable, type Column } from '../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { StateChip } from '../ui/state-chip.tsx'

const brief = (value: unknown): string => {
  const text = value === undefined ? '' : JSON.stringify(value)
  return text.length > 90 ? `${text.slice(0, 90)}…` : text
}

const COLUMNS: Column<AuditEntry>[] = [
  {
    key: 'at',
    title: 'Time',
    value: ({ at }) => at,
    cell: ({ at }) => <span style={{ whiteSpace: 'nowrap' }}>{formatInstant(at)}</span>,
  },
  {
    key: 'action',
    title: 'Action',
    value: ({ action }) => action,
    cell: ({ action }) => <code>{action}</code>,
  },
  {
    key: 'actor',
    title: 'By',
    value: ({ actor }) => actor.name,
    cell: ({ actor }) => `${actor.name}${actor.kind === 'user' ? '' : ` (${actor.kind})`}`,
  },
  {
    key: 'outcome',
    title: 'Outcome',
    value: ({ outcome }) => outcome,
    cell: ({ outcome }) => <StateChip state={outcome} />,
  },
  {
    key: 'input',
    title: 'Input',
    cell: ({ input, error }) => (
      <Box component="span" sx={{ color: 'text.secondary' }}>
        {error === undefined ? brief(input) : error.message}
      </Box>
    ),
    hideBelow: 'md',
  },
]

/** Every change, who made it, and what it was before and after. */
export function AuditScreen(): ReactNode {
  const { data, error, refetch } = useAudit()
  const [search, setSearch] = useState('')
  const [entry, setEntry] = useState<AuditEntry>()
  const rows = useMemo(() => {
    const words = search.toLowerCase()
    return (data ?? []).filter(({ action, actor }) => `${action} ${actor.name}`.toLowerCase().includes(words))
  }, [data, search])
  return (
    <Page
      section={sectionAt('audit')!}
      actions={
        <TextField
          label="Search"
          type="search"
          placeholder="action or user"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      }
    >
      {data === undefined ? (
        error === null ? (
          <Loading height={320} label="Audit log: loading" />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <Paper>
          <Empty title="Nothing yet">Sign-ins, actions and changed settings are recorded here.</Empty>
        </Paper>
      ) : (
        <>
          <SortableTable
            label="Audit log"
            rows={rows}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            initialSort={{ column: 'at', descending: true }}
            onSelect={(row) => setEntry(row)}
          />
          {data.length < AUDIT_LIMIT ? null : (
            <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>
              The newest {AUDIT_LIMIT} entries. Older ones: <code>GET /api/audit?before=…</code>
            </Box>
          )}
        </>
      )}
      {entry === undefined ? null : (
        <Dialog
          open
          onClose={() => setEntry(undefined)}
          maxWidth="sm"
          fullWidth
          aria-labelledby="entry-title"
        >
          <DialogTitle id="entry-title" variant="h1">
            {entry.action}
          </DialogTitle>
          <DialogContent>
            <JsonView
              value={{ ...entry, at: new Date(entry.at).toISOString() }}
              label="Audit entry"
              maxHeight={480}
            />
          </DialogContent>
        </Dialog>
      )}
    </Page>
  )
}
