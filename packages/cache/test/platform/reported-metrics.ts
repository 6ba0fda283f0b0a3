import type { Labels, MetricReader, RangeQuery } from '@millrace/core'

export interface ReportedPoint {
  metric: string
  labels: Labels
  value: number
}

/** Metrics that were reported: each value counts for any window, and levels of several series add up. */
export function reportedMetrics(points: readonly ReportedPoint[]): MetricReader {
  const grouped = (
    query: Pick<RangeQuery, 'metric' | 'by' | 'aggregate'>,
  ): { labels: Labels; value: number }[] => {
    const groups = Map.groupBy(
      points.filter(({ metric }) => metric === query.metric),
      ({ labels }) => JSON.stringify((query.by ?? []).map((label) => [label, labels[label] ?? ''])),
    )
    return [...groups].map(([key, members]) => {
      const values = members.map(({ value }) => value)
      const sum = values.reduce((total, value) => total + value, 0)
      const { aggregate } = query
      const value =
        aggregate === 'sum' ? sum : aggregate === 'min' ? Math.min(...values) : sum / values.length
      return { labels: Object.fromEntries(JSON.parse(key) as [string, string][]), value }
    })
  }
  return {
    range: async (query) => ({
      metric: query.metric,
      aggregate: query.aggregate,
      unit: '1',
      stepMs: 1_000,
      resolution: 'raw',
      series: grouped(query).map(({ labels, value }) => ({
        labels,
        times: [0, 1_000],
        values: [null, value],
      })),
    }),
    latest: async (query) => grouped(query).map((reading) => ({ ...reading, at: 0 })),
    catalogue: async () => [],
  }
}
