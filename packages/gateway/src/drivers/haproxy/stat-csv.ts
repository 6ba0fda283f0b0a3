/** A line of `show stat` by its columns' names. */
export type StatRow = ReadonlyMap<string, string>

/** CSV as HAProxy writes it: a header that begins with `# `, values without line breaks, quotes only around texts. */
export function parseStatCsv(text: string): StatRow[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const columns = lines[0]?.replace(/^# /, '').split(',')
  if (columns === undefined || columns[0] !== 'pxname') return []
  return lines.slice(1).map((line) => {
    const values = splitLine(line)
    return new Map(columns.map((column, index) => [column, values[index] ?? '']))
  })
}

function splitLine(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  )
}

export const count = (row: StatRow | undefined, column: string): number => Number(row?.get(column)) || 0
