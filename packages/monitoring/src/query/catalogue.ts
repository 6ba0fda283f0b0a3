import type { Labels, MetricKind } from '@millrace/core'
import { seriesKey } from '../storage/series.ts'

export interface CatalogueEntry {
  name: string
  kind: MetricKind
  unit: string
  labels: string[]
  series: number
}

export interface SeriesHead {
  metric: string
  kind: MetricKind
  unit: string
  labels: Labels
}

/** One entry per metric: the label names and the number of different series seen. */
export function catalogueOf(heads: Iterable<SeriesHead>): CatalogueEntry[] {
  const found = new Map<string, SeriesHead & { names: Set<string>; keys: Set<string> }>()
  for (const head of heads) {
    let entry = found.get(head.metric)
    if (entry === undefined) found.set(head.metric, (entry = { ...head, names: new Set(), keys: new Set() }))
    for (const name of Object.keys(head.labels)) entry.names.add(name)
    entry.keys.add(seriesKey('', head.labels))
  }
  return [...found.values()]
    .map(({ metric, kind, unit, names, keys }) => ({
      name: metric,
      kind,
      unit,
      labels: [...names].toSorted(),
      series: keys.size,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
