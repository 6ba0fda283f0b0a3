import type { Recommendation } from '@millrace/core'
import type { MonitoringConfig } from './config.ts'
import type { Summary } from './report/summary.ts'

export interface SlowGroup {
  labels: Readonly<Record<string, string>>
  p95Seconds: number
}

/** What was measured over the window; pure input of the diagnosis. */
export interface Snapshot {
  windowMs: number
  summary: Summary
  slowRoutes: readonly SlowGroup[]
  slowOperations: readonly SlowGroup[]
}

type Thresholds = MonitoringConfig['thresholds']

const VERIFY_WINDOW_MS = 900_000

const round = (value: number): number => Math.round(value * 10) / 10

function slowRoute({ labels, p95Seconds }: SlowGroup, { responseTimeMs }: Thresholds): Recommendation {
  const { service = '', method = '', route = '' } = labels
  const p95 = round(p95Seconds * 1_000)
  return {
    id: `monitoring.slow-route.${service}.${method}.${route}`,
    severity: p95 > responseTimeMs * 3 ? 'critical' : 'warning',
    title: `${method} ${route} of ${service} is slow`,
    why: `One request in twenty takes longer than ${p95} ms; the threshold is ${responseTimeMs} ms.`,
    evidence: [
      {
        metric: 'p95',
        value: p95,
        target: responseTimeMs,
        unit: 'ms',
        source: 'http_server_request_duration_seconds',
      },
    ],
    impact: { metric: 'p95', estimate: `below ${responseTimeMs} ms`, confidence: 0.5 },
    difficulty: 'moderate',
    verify: {
      metric: 'http_server_request_duration_seconds',
      windowMs: VERIFY_WINDOW_MS,
      keepIf: `p95 < ${responseTimeMs / 1_000}`,
    },
  }
}

function slowOperation({ labels, p95Seconds }: SlowGroup, { queryTimeMs }: Thresholds): Recommendation {
  const { service = '', operation = '' } = labels
  const p95 = round(p95Seconds * 1_000)
  return {
    id: `monitoring.slow-queries.${service}.${operation}`,
    severity: 'warning',
    title: `${operation} statements of ${service} are slow`,
    why: `One ${operation} in twenty takes longer than ${p95} ms; the threshold is ${queryTimeMs} ms.`,
    evidence: [
      {
        metric: 'p95',
        value: p95,
        target: queryTimeMs,
        unit: 'ms',
        source: 'db_client_operation_duration_seconds',
      },
    ],
    impact: { metric: 'p95', estimate: `below ${queryTimeMs} ms`, confidence: 0.5 },
    difficulty: 'moderate',
    verify: {
      metric: 'db_client_operation_duration_seconds',
      windowMs: VERIFY_WINDOW_MS,
      keepIf: `p95 < ${queryTimeMs / 1_000}`,
    },
  }
}

interface Saturation {
  id: string
  title: string
  why: string
  ratio: number | null
  percent: number
  metric: string
  /** Whether the value should be above its threshold. */
  above?: boolean
}

function saturation(found: Saturation): Recommendation[] {
  const { ratio, percent, above = false } = found
  if (ratio === null || ratio * 100 > percent === above) return []
  const value = round(ratio * 100)
  const sign = above ? '>' : '<'
  return [
    {
      id: `monitoring.${found.id}`,
      severity: 'warning',
      title: found.title,
      why: `${found.why} Measured ${value} %, threshold ${percent} %.`,
      evidence: [{ metric: found.id, value, target: percent, unit: '%', source: found.metric }],
      impact: { metric: found.id, estimate: `${above ? 'above' : 'below'} ${percent} %`, confidence: 0.5 },
      difficulty: 'moderate',
      verify: { metric: found.metric, windowMs: VERIFY_WINDOW_MS, keepIf: `value ${sign} ${percent / 100}` },
    },
  ]
}

/** Compares what was measured with the configured thresholds; what was not measured recommends nothing. */
export function diagnose(snapshot: Snapshot, thresholds: Thresholds): Recommendation[] {
  const { summary, slowRoutes, slowOperations } = snapshot
  return [
    ...slowRoutes
      .filter(({ p95Seconds }) => p95Seconds * 1_000 > thresholds.responseTimeMs)
      .map((group) => slowRoute(group, thresholds)),
    ...slowOperations
      .filter(({ p95Seconds }) => p95Seconds * 1_000 > thresholds.queryTimeMs)
      .map((group) => slowOperation(group, thresholds)),
    ...saturation({
      id: 'cpu',
      title: 'The CPU is nearly saturated',
      why: 'Requests wait for a processor before they wait for anything else.',
      ratio: summary.system.cpuRatio,
      percent: thresholds.cpuPercent,
      metric: 'system_cpu_utilization_ratio',
    }),
    ...saturation({
      id: 'memory',
      title: 'Memory is nearly full',
      why: 'Beyond it, processes are killed or swapped out.',
      ratio: summary.system.memoryRatio,
      percent: thresholds.memoryPercent,
      metric: 'system_memory_used_bytes',
    }),
    ...saturation({
      id: 'cache-hits',
      title: 'The cache is missed often',
      why: 'Each miss is work that was done before.',
      ratio: summary.cache.hitRatio,
      percent: thresholds.cacheHitPercent,
      metric: 'millrace_cache_hits_total',
      above: true,
    }),
  ]
}
