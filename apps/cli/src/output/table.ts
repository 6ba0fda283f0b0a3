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

/** A JSON value for people: one `key: value` per line, indented, lists with dashes. */
export function renderValue(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}(none)\n`
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
