export interface Sort {
  column: string
  descending: boolean
}

type Sortable = string | number | null | undefined

function compare(a: Sortable, b: Sortable): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}

const missing = (value: Sortable): boolean => value === null || value === undefined || value !== value

/** A sorted copy. Stable; missing values come last in both directions, because they are no answer to "most". */
export function sortRows<Row>(
  rows: readonly Row[],
  valueOf: (row: Row) => Sortable,
  descending: boolean,
): Row[] {
  return rows.toSorted((left, right) => {
    const a = valueOf(left)
    const b = valueOf(right)
    if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b))
    return descending ? compare(b, a) : compare(a, b)
  })
}

/** `-p95` ↔ { column: 'p95', descending: true }, for the URL. */
export function parseSort(text: string | null, fallback: Sort, columns: readonly string[]): Sort {
  if (text === null) return fallback
  const descending = text.startsWith('-')
  const column = descending ? text.slice(1) : text
  return columns.includes(column) ? { column, descending } : fallback
}

export const formatSort = (sort: Sort): string => `${sort.descending ? '-' : ''}${sort.column}`
