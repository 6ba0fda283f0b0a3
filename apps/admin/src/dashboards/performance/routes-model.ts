import type { RangeSpec, Total } from '../../api/client.ts'

/** Counted inside the application by the agent, per route and method. */
const ROUTE_DURATION = 'http_server_request_duration_seconds'
const DB_DURATION = 'db_client_operation_duration_seconds'

export const ROUTE_LABELS = ['service', 'method', 'route'] as const
export const OPERATION_LABELS = ['service', 'system', 'operation'] as const

const AGGREGATES = ['rate', 'sum', 'avg', 'p50', 'p95', 'p99'] as const

const per = (metric: string, by: readonly string[]): RangeSpec[] =>
  AGGREGATES.map((aggregate) => ({ metric, aggregate, by }))

export const ROUTE_TOTALS: RangeSpec[] = [
  ...per(ROUTE_DURATION, ROUTE_LABELS),
  { metric: ROUTE_DURATION, aggregate: 'sum', by: ROUTE_LABELS, where: { status: '~5..' } },
]
export const OPERATION_TOTALS: RangeSpec[] = per(DB_DURATION, OPERATION_LABELS)

export interface LatencyRow {
  key: string
  service: string
  /** Method of a route, system of a database operation. */
  verb: string
  /** Route or operation. */
  name: string
  rate: number | null
  p50: number | null
  p95: number | null
  p99: number | null
  /** Share of requests that ended in 5xx; null for database operations, which have no status. */
  errors: number | null
  /** Of all time spent in rows of this table: what count × duration says about where to look first. */
  share: number | null
}

const keyOf = (labels: Total['labels'], by: readonly string[]): string =>
  by.map((label) => labels[label] ?? '').join(' ')

/** One row per combination of labels, from one list of totals per aggregate. */
export function latencyRows(totals: readonly (readonly Total[])[], by: readonly string[]): LatencyRow[] {
  const index = totals.map((list) => new Map(list.map(({ labels, value }) => [keyOf(labels, by), value])))
  const [rates, counts, means, p50s, p95s, p99s, failed] = index
  const spent = (key: string): number => (counts?.get(key) ?? 0) * (means?.get(key) ?? 0)
  const all = (totals[1] ?? []).reduce((sum, { labels }) => sum + spent(keyOf(labels, by)), 0)
  return (totals[0] ?? []).map(({ labels }) => {
    const key = keyOf(labels, by)
    const count = counts?.get(key) ?? 0
    return {
      key,
      service: labels[by[0]!] ?? '',
      verb: labels[by[1]!] ?? '',
      name: labels[by[2]!] ?? '',
      rate: rates?.get(key) ?? null,
      p50: p50s?.get(key) ?? null,
      p95: p95s?.get(key) ?? null,
      p99: p99s?.get(key) ?? null,
      errors: failed === undefined || count === 0 ? null : (failed.get(key) ?? 0) / count,
      share: all === 0 ? null : spent(key) / all,
    }
  })
}

/** Words of the search must all occur, anywhere, in any case. */
export function matches(row: LatencyRow, search: string): boolean {
  const text = `${row.service} ${row.verb} ${row.name}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** What the detail of one route asks for. */
export function routeSpecs(row: Pick<LatencyRow, 'service' | 'verb' | 'name'>): {
  percentiles: RangeSpec[]
  statuses: RangeSpec[]
} {
  const where = { service: row.service, method: row.verb, route: row.name }
  return {
    percentiles: (['p50', 'p90', 'p95', 'p99', 'p999'] as const).map((aggregate) => ({
      metric: ROUTE_DURATION,
      aggregate,
      where,
    })),
    statuses: [{ metric: ROUTE_DURATION, aggregate: 'rate', where, by: ['status'] }],
  }
}
