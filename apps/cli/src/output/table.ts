/** Columns as wide as their widest cell; the last one is left as it is. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('')
}

type Flat = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Objects of plain values: they read as a table. One alone reads better as lines. */
function isTable(list: readonly unknown[]): list is Flat[] {
  return (
    list.length > 1 &&
    list.every(
      (item) =>
        typeof item === 'object' &&
        item !== null &&
        !Array.isArray(item) &&
        Object.values(item).every((value) => typeof value !== 'object' || value === null),
    )
  )
}

function renderRows(rows: readonly Flat[], indent: string): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: Flat[string]): string => (value === undefined || value === null ? '-' : String(value))
  const table = renderTable([columns, ...rows.map((row) => columns.map((column) => cell(row[column])))])
  // `renderTable` indents by two, which is the indent of a value inside another one.
  return table.replaceAll(/^ {2}/gm, indent)
}

/** A JSON value for people: one `key: value` per line, indented, lists with dashes, lists of like things as a table. */
export function renderValue(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}(none)\n`
    if (isTable(value)) return renderRows(value, indent)
    return value.map((item) => `${indent}- ${renderValue(item, `${indent}  `).trimStart()}`).join('')
  }
  if (typeof value !== 'object' || value === null) return `${indent}${String(value)}\n`
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => {
      const nested = typeof item === 'object' && item !== null && Object.keys(item).length > 0
      const text = Array.isArray(item) && item.length === 0 ? '(none)' : String(item)
      return nested
        ? `${indent}${key}:\n${renderValue(item, `${indent}  `)}`
        : `${indent}${key}: ${typeof item === 'object' && item !== null && !Array.isArray(item) ? '{}' : text}\n`
    })
    .join('')
}

/**
 * What an action answered, for people. Where it is what another program reads, as `document`, that goes out as it is:
 * `millrace gateway export --format nginx > nginx.conf`.
 */
export const renderResult = (result: unknown): string =>
  typeof result === 'object' && result !== null && 'document' in result && typeof result.document === 'string'
    ? result.document
    : renderValue(result)
