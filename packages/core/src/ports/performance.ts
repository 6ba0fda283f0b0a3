import type { Aggregate, Labels } from './metric.ts'

/** What `/api/performance` (seed 004) reads besides the capabilities' overviews. */

export interface Alert {
  id: string
  rule: string
  severity: 'info' | 'warning' | 'critical'
  state: 'pending' | 'firing' | 'resolved'
  summary: string
  since: number
}

export interface AlertReader {
  list(range: { from: number; to: number }): Promise<Alert[]>
}

export interface Reporter {
  /** Rows of a report over the range, one object a row, the same keys in each. */
  report(range: { from: number; to: number }): Promise<Record<string, string | number | null>[]>
}

export interface Optimizer {
  optimize(input: { targets?: readonly string[] }): Promise<Record<string, unknown>>
}

/** The segments of `/api/performance/<part>` that are the overview of one capability, and which (seed 004). */
export const PERFORMANCE_PARTS: Readonly<Record<string, string>> = {
  optimization: 'optimization',
  scaling: 'scaling',
  cdn: 'cdn',
  database: 'database',
}

/** The segments of `/api/optimization/<path>` (seed 000) and who is expected to say `optimizationPath` for each. */
export const OPTIMIZATION_PATHS: Readonly<Record<string, string>> = {
  images: 'assets',
  cdn: 'cdn',
  'service-worker': 'service-worker',
  'load-balancer': 'gateway',
  performance: 'monitoring',
}

/** What `/api/performance/metrics/realtime` reads: the newest values over the last minute. */
export interface RealtimeMetric {
  metric: string
  aggregate: Aggregate
  unit: string
  where?: Labels
  by?: readonly string[]
}

export const REALTIME_METRICS: Readonly<Record<string, RealtimeMetric>> = {
  requestRate: {
    metric: 'millrace_gateway_request_duration_seconds',
    aggregate: 'rate',
    unit: '1/s',
    by: ['pool'],
  },
  responseTimeP50: {
    metric: 'millrace_gateway_request_duration_seconds',
    aggregate: 'p50',
    unit: 's',
    by: ['pool'],
  },
  responseTimeP99: {
    metric: 'millrace_gateway_request_duration_seconds',
    aggregate: 'p99',
    unit: 's',
    by: ['pool'],
  },
  errorRate: {
    metric: 'millrace_gateway_request_duration_seconds',
    aggregate: 'rate',
    unit: '1/s',
    where: { status: '~^5' },
    by: ['pool'],
  },
  eventLoopDelayP99: {
    metric: 'nodejs_eventloop_delay_p99_seconds',
    aggregate: 'max',
    unit: 's',
    by: ['service'],
  },
  memoryUsed: {
    metric: 'process_resident_memory_bytes',
    aggregate: 'last',
    unit: 'By',
    by: ['service', 'instance'],
  },
  systemCpu: { metric: 'system_cpu_utilization_ratio', aggregate: 'avg', unit: '1' },
  systemMemoryUsed: { metric: 'system_memory_used_bytes', aggregate: 'last', unit: 'By' },
  databaseTimeP99: {
    metric: 'db_client_operation_duration_seconds',
    aggregate: 'p99',
    unit: 's',
    by: ['service'],
  },
}
