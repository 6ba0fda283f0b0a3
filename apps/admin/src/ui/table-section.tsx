import DownloadOutlined from '@mui/icons-material/FileDownloadOutlined'
import { Box, Button, Paper } from '@mui/material'
import type { ApiError } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { csvFileName, downloadCsv, toCsv, type Cell } from '../format/csv.ts'
import { Section } from './page.tsx'
import { SortableTable, type SortableTableProps } from './sortable-table.tsx'
import { Failed, Loading } from './states.tsx'

export interface TableSectionProps<Row> extends Omit<SortableTableProps<Row>, 'label' | 'rows'> {
  title: string
  help?: string
  /** undefined: not known yet. */
  rows: readonly Row[] | undefined
  error: ApiError | null
  onRetry: () => void
  /** The same rows as a file. */
  csv?: { name: string; header: readonly string[]; cells: (row: Row) => readonly Cell[] }
  /** Before the button of the file: a search field. */
  actions?: ReactNode
}

/** A table with its heading, its CSV and its states. */
export function TableSection<Row>(props: TableSectionProps<Row>): ReactNode {
  const { title, help, rows, error, onRetry, csv, actions, ...table } = props
  const download =
    csv === undefined || rows === undefined || rows.length === 0 ? null : (
      <Button
        startIcon={<DownloadOutlined />}
        color="inherit"
        onClick={() => downloadCsv(csvFileName(csv.name, Date.now()), toCsv(csv.header, rows.map(csv.cells)))}
      >
        CSV
      </Button>
    )
  return (
    <Section
      title={title}
      {...(help === undefined ? {} : { help })}
      actions={
        actions === undefined ? (
          download
        ) : (
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
            {actions}
            {download}
          </Box>
        )
      }
    >
      {rows !== undefined ? (
        <SortableTable {...table} label={title} rows={rows} />
      ) : error === null ? (
        <Paper sx={{ p: 1.5 }}>
          <Loading height={160} label={`${title}: loading`} />
        </Paper>
      ) : (
        <Failed error={error} onRetry={onRetry} />
      )}
    </Section>
  )
}
