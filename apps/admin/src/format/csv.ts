export type Cell = string | number | boolean | null | undefined

// A leading = + - @ would be run as a formula by a spreadsheet (OWASP "CSV injection"); numbers stay numbers.
const FORMULA = /^[=+\-@\t\r]/

function escape(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180: CRLF between records, quotes where needed, a missing value is an empty field. */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => row.map(escape).join(',')).join('\r\n') + '\r\n'
}

/** A file name that every file system takes: `request-rate_2026-11-20_14-03-07.csv`. */
export function csvFileName(title: string, at: number): string {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  const stamp = new Date(at).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')
  return `${slug || 'data'}_${stamp}.csv`
}

/** Hands the text to the browser as a download. */
export function downloadCsv(fileName: string, csv: string): void {
  // The byte-order mark makes spreadsheets read the file as UTF-8.
  const url = URL.createObjectURL(new Blob(['\uFEFF', csv], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The download has its own reference by then; a longer life would leak the text.
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
