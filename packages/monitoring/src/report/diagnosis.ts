import type { Labels, Recommendation } from '@millrace/core'
import { diagnose, type SlowGroup } from '../recommendations.ts'
import type { MonitoringService } from '../service.ts'
import { summarize, type WholeReader } from './summary.ts'

const WINDOW_MS = 900_000
const MAX_FINDINGS = 20

export interface MeasuredGroup extends SlowGroup {
  calls: number
  meanSeconds: number
}

/** Groups of a histogram by 95th percentile, slowest first; those without a single call are left out. */
export async function slowGroups(
  reader: WholeReader,
  range: { from: number; to: number },
  metric: string,
  by: readonly string[],
  where: Labels = {},
): Promise<MeasuredGroup[]> {
  const [p95, calls, mean] = await Promise.all(
    (['p95', 'sum', 'avg'] as const).map((aggregate) =>
      reader.over({ ...range, metric, aggregate, by, where }),
    ),
  )
  const keyed = (rows: readonly { labels: Labels; value: number }[] = []): Map<string, number> =>
    new Map(rows.map(({ labels, value }) => [JSON.stringify(labels), value]))
  const callsOf = keyed(calls)
  const meanOf = keyed(mean)
  return (p95 ?? [])
    .map(({ labels, value }) => ({
      labels,
      p95Seconds: value,
      calls: callsOf.get(JSON.stringify(labels)) ?? 0,
      meanSeconds: meanOf.get(JSON.stringify(labels)) ?? 0,
    }))
    .toSorted((a, b) => b.p95Seconds - a.p95Seconds)
}

/** The last fifteen minutes against the thresholds. `measured` is false when nothing arrived in them. */
export async function findRecommendations({
  reader,
  context,
}: MonitoringService): Promise<{ measured: boolean; recommendations: Recommendation[] }> {
  const to = context.clock.now()
  const range = { from: to - WINDOW_MS, to }
  const [summary, routes, operations] = await Promise.all([
    summarize(reader, range),
    slowGroups(reader, range, 'http_server_request_duration_seconds', ['service', 'method', 'route']),
    slowGroups(reader, range, 'db_client_operation_duration_seconds', ['service', 'operation']),
  ])
  const measured =
    summary.source !== null ||
    summary.system.memoryUsedBytes !== null ||
    operations.length > 0 ||
    routes.length > 0
  const snapshot = {
    windowMs: WINDOW_MS,
    summary,
    // A percentile of a handful of requests is chance.
    slowRoutes: routes.filter(({ calls }) => calls >= 20).slice(0, MAX_FINDINGS),
    slowOperations: operations.filter(({ calls }) => calls >= 20).slice(0, MAX_FINDINGS),
  }
  return { measured, recommendations: diagnose(snapshot, context.config.thresholds) }
}
