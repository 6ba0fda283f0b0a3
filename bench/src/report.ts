import type { Benchmark } from './benchmark.ts'
import type { Samples } from './run.ts'
import { median, ratio, rounded } from './statistics.ts'

/** The published format; `ratio` above 1 means that we are better. */
export interface Row {
  name: string
  metric: string
  unit: string
  ours: number
  peers: Record<string, number>
  ratio: Record<string, number>
}

export function toRows(benchmark: Benchmark, samples: Samples): Row[] {
  const ours = benchmark.contenders.find((contender) => contender.ours === true)
  if (ours === undefined) throw new Error(`${benchmark.name} has no contender with ours: true`)
  return Object.entries(samples.measurements).flatMap(([name, byContender]) =>
    benchmark.metrics.flatMap((metric): Row[] => {
      const values = (contender: string): number[] =>
        (byContender[contender] ?? []).flatMap(({ values: measured }) => measured[metric.name] ?? [])
      if (values(ours.name).length === 0) return []
      const value = (contender: string): number => median(values(contender))
      const own = value(ours.name)
      const peers = Object.keys(byContender).filter(
        (contender) => contender !== ours.name && values(contender).length > 0,
      )
      const row: Row = {
        name,
        metric: metric.name,
        unit: metric.unit,
        ours: rounded(own),
        peers: Object.fromEntries(peers.map((peer) => [peer, rounded(value(peer))])),
        ratio: Object.fromEntries(
          peers.map((peer) => [peer, rounded(ratio(own, value(peer), metric.better))]),
        ),
      }
      return [row]
    }),
  )
}

const cell = (row: Row, peer: string): string =>
  row.peers[peer] === undefined ? '–' : `${row.peers[peer]} (×${row.ratio[peer]})`

/** A table per case: contenders down, metrics across, and our ratio to each beside the value. */
export function toTable(benchmark: Benchmark, rows: readonly Row[]): string {
  const lines: string[] = []
  const own = benchmark.contenders.find(({ ours }) => ours === true)?.name ?? 'millrace'
  for (const [name, ofCase] of Map.groupBy(rows, (row) => row.name)) {
    const peers = [...new Set(ofCase.flatMap((row) => Object.keys(row.peers)))]
    const header = ['', ...ofCase.map(({ metric, unit }) => `${metric} (${unit})`)]
    const body = [
      [own, ...ofCase.map(({ ours }) => String(ours))],
      ...peers.map((peer) => [peer, ...ofCase.map((row) => cell(row, peer))]),
    ]
    const widths = header.map((_, column) =>
      Math.max(...[header, ...body].map((line) => line[column]!.length)),
    )
    lines.push(`${benchmark.name}: ${name}`)
    for (const line of [header, ...body]) {
      lines.push(
        `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
      )
    }
    lines.push('')
  }
  lines.push('(×n): how many times better we are; below 1 the peer is.')
  return lines.join('\n')
}
