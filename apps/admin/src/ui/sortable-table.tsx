import { Paper, TableBody, TableCell, TableHead, TableRow, TableSortLabel } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { TableFrame } from './table-frame.tsx'
import { formatSort, parseSort, sortRows, type Sort } from '../format/sort.ts'

export interface Column<Row> {
  key: string
  title: string
  /** Numbers stand right. */
  numeric?: boolean
  /** What is sorted; a column without it cannot be. */
  value?: (row: Row) => string | number | null | undefined
  cell: (row: Row) => ReactNode
  /** Left out on narrow screens, smallest first. */
  hideBelow?: 'sm' | 'md' | 'lg'
}

export interface SortableTableProps<Row> {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  initialSort: Sort
  /** Name in the URL; two tables on one page need two. Default `sort`. */
  sortParam?: string
  selectedKey?: string | undefined
  onSelect?: (row: Row) => void
  /** Shown instead of rows. */
  empty?: ReactNode
  maxHeight?: number
}

/** Sort state in the URL, missing values last, rows that can be chosen with the keyboard. */
export function SortableTable<Row>(props: SortableTableProps<Row>): ReactNode {
  const {
    label,
    rows,
    columns,
    rowKey,
    initialSort,
    sortParam = 'sort',
    selectedKey,
    onSelect,
    empty,
    maxHeight,
  } = props
  const [params, setParams] = useSearchParams()
  const sort = parseSort(
    params.get(sortParam),
    initialSort,
    columns.map(({ key }) => key),
  )
  const sorted = useMemo(() => {
    const column = columns.find(({ key }) => key === sort.column)
    return column?.value === undefined ? [...rows] : sortRows(rows, column.value, sort.descending)
  }, [rows, columns, sort.column, sort.descending])

  const sortBy = (column: Column<Row>): void => {
    const descending = sort.column === column.key ? !sort.descending : column.numeric === true
    setParams(
      (current) => {
        const next = new URLSearchParams(current)
        next.set(sortParam, formatSort({ column: column.key, descending }))
        return next
      },
      { replace: true },
    )
  }
  const display = (column: Column<Row>) =>
    column.hideBelow === undefined ? {} : { display: { xs: 'none', [column.hideBelow]: 'table-cell' } }

  if (rows.length === 0 && empty !== undefined) return <Paper>{empty}</Paper>
  return (
    <TableFrame label={label} maxHeight={maxHeight}>
      <TableHead>
        <TableRow>
          {columns.map((column) => (
            <TableCell
              key={column.key}
              align={column.numeric ? 'right' : 'left'}
              sortDirection={sort.column === column.key ? (sort.descending ? 'desc' : 'asc') : false}
              sx={{ ...display(column), bgcolor: 'background.paper' }}
            >
              {column.value === undefined ? (
                column.title
              ) : (
                <TableSortLabel
                  active={sort.column === column.key}
                  direction={sort.column === column.key && !sort.descending ? 'asc' : 'desc'}
                  onClick={() => sortBy(column)}
                >
                  {column.title}
                </TableSortLabel>
              )}
            </TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {sorted.map((row) => {
          const key = rowKey(row)
          return (
            <TableRow
              key={key}
              hover
              selected={key === selectedKey}
              // The first cell holds the button for the keyboard; the row is only a larger target for the mouse.
              {...(onSelect === undefined ? {} : { onClick: () => onSelect(row) })}
              sx={{
                cursor: onSelect === undefined ? 'default' : 'pointer',
              }}
            >
              {columns.map((column) => (
                <TableCell
                  key={column.key}
                  align={column.numeric ? 'right' : 'left'}
                  sx={{
                    ...display(column),
                    ...(column.numeric ? { whiteSpace: 'nowrap' } : { minWidth: 88 }),
                  }}
                >
                  {column.cell(row)}
                </TableCell>
              ))}
            </TableRow>
          )
        })}
        {sorted.length > 0 ? null : (
          <TableRow>
            <TableCell colSpan={columns.length} sx={{ color: 'text.secondary' }}>
              Nothing matches.
            </TableCell>
          </TableRow>
        )}
      </TableBody>
    </TableFrame>
  )
}
