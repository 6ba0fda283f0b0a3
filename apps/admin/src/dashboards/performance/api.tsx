import DownloadOutlined from '@mui/icons-material/FileDownloadOutlined'
import { Button, MenuItem, Paper, TextField, Box } from '@mui/material'
import { useDeferredValue, useMemo, useRef, useState, type ReactNode } from 'react'
import { useShortcuts } from '../../app/shortcuts.ts'
import { useParam } from '../../app/use-param.ts'
import { useTotals } from '../../charts/use-totals.ts'
import { csvFileName, downloadCsv, toCsv } from '../../format/csv.ts'
import { Section } from '../../ui/page.tsx'
import { SortableTable } from '../../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { DatabaseOperations } from './database-operations.tsx'
import { latencyColumns } from './latency-columns.tsx'
import { RouteDetail } from './route-detail.tsx'
import { latencyRows, matches, ROUTE_LABELS, ROUTE_TOTALS, type LatencyRow } from './routes-model.ts'

function exportRows(rows: readonly LatencyRow[]): void {
  const header = [
    'service',
    'method',
    'route',
    'requests per second',
    'p50 (s)',
    'p95 (s)',
    'p99 (s)',
    'error ratio',
    'share of time',
  ]
  const cells = rows.map((row) => [
    row.service,
    row.verb,
    row.name,
    row.rate,
    row.p50,
    row.p95,
    row.p99,
    row.errors,
    row.share,
  ])
  downloadCsv(csvFileName('routes', Date.now()), toCsv(header, cells))
}

/** Every route of every service: how often, how long, how many failures, and where the time goes. */
export function PerformanceApi(): ReactNode {
  const { present, error, retry } = useTotals(ROUTE_TOTALS)
  const [query, setQuery] = useParam('q')
  // The address follows in a transition: a field bound to it alone would lose letters typed fast.
  const [search, setSearch] = useState(query)
  const [service, setService] = useParam('service')
  const [selected, setSelected] = useParam('route')
  const input = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => input.current?.focus() })

  const all = useMemo(
    () => (present === undefined ? undefined : latencyRows(present, ROUTE_LABELS)),
    [present],
  )
  const deferred = useDeferredValue(search)
  const rows = useMemo(
    () => (all ?? []).filter((row) => (service === '' || row.service === service) && matches(row, deferred)),
    [all, service, deferred],
  )
  const services = useMemo(() => [...new Set((all ?? []).map((row) => row.service))].toSorted(), [all])
  const row = all?.find(({ key }) => key === selected)

  if (all === undefined) {
    return error === null ? (
      <Loading height={320} label="Routes: loading" />
    ) : (
      <Failed error={error} onRetry={retry} />
    )
  }
  if (all.length === 0) {
    return (
      <Paper>
        <Empty title="No requests in this range" height={200}>
          The agent reports every route of an application that runs under the platform. Start one with a
          command, or preload <code>@millrace/node</code>, then send a request.
        </Empty>
      </Paper>
    )
  }
  const toggle = (next: LatencyRow): void => setSelected(next.key === selected ? '' : next.key)
  return (
    <>
      {row === undefined ? null : <RouteDetail key={row.key} row={row} onClose={() => setSelected('')} />}
      <Section
        title="Routes"
        help={`${rows.length} of ${all.length}. Choose one to see its latency over time.`}
        actions={
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
            <TextField
              label="Search"
              type="search"
              value={search}
              inputRef={input}
              onChange={(event) => {
                setSearch(event.target.value)
                setQuery(event.target.value)
              }}
              onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
              placeholder="route, method, service"
              sx={{ width: 210 }}
            />
            {services.length < 2 ? null : (
              <TextField
                select
                label="Service"
                value={service}
                onChange={(event) => setService(event.target.value)}
                sx={{ width: 140 }}
                slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
              >
                <MenuItem value="">All</MenuItem>
                {services.map((name) => (
                  <MenuItem key={name} value={name}>
                    {name}
                  </MenuItem>
                ))}
              </TextField>
            )}
            <Button startIcon={<DownloadOutlined />} onClick={() => exportRows(rows)} color="inherit">
              CSV
            </Button>
          </Box>
        }
      >
        <SortableTable
          label="Routes"
          rows={rows}
          columns={latencyColumns({ name: 'Route', onSelect: toggle, errors: true })}
          rowKey={({ key }) => key}
          initialSort={{ column: 'share', descending: true }}
          selectedKey={selected}
          onSelect={toggle}
          maxHeight={560}
        />
      </Section>
      <DatabaseOperations />
    </>
  )
}
