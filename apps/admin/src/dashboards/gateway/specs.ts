import type { RangeSpec } from '../../api/client.ts'
import { HEAT_QUANTILES } from '../../charts/heatmap-cells.ts'
import { COUNTS_BY_STATUS, LATENCY, REQUEST_RATE } from '../performance/traffic.ts'

const VISITORS = { pool: '!control-plane' }

const metric = (
  name: string,
  aggregate: RangeSpec['aggregate'],
  by?: readonly string[],
  where?: Readonly<Record<string, string>>,
): RangeSpec => ({
  metric: `millrace_gateway_${name}`,
  aggregate,
  ...(by === undefined ? {} : { by }),
  ...(where === undefined ? {} : { where }),
})

const DURATION = 'request_duration_seconds'

export const HEAT: RangeSpec[] = HEAT_QUANTILES.map(([name]) => metric(DURATION, name, undefined, VISITORS))
export const BY_POOL: RangeSpec[] = [metric(DURATION, 'rate', ['pool'], VISITORS)]
export const P95_BY_POOL: RangeSpec[] = [metric(DURATION, 'p95', ['pool'], VISITORS)]
// Over the workers the levels add up.
export const CONNECTIONS: RangeSpec[] = [metric('connections', 'sum')]
export const QUEUED: RangeSpec[] = [metric('requests_queued', 'sum', ['pool'], VISITORS)]
export const RETRIES: RangeSpec[] = [metric('retries_total', 'rate', ['pool'], VISITORS)]
export const UPSTREAM_ERRORS: RangeSpec[] = [metric('upstream_errors_total', 'rate', ['reason'], VISITORS)]
export const BYTES: RangeSpec[] = [metric('response_bytes_total', 'rate', ['pool'], VISITORS)]

/** In this order in `OverviewTiles`. */
export const OVERVIEW_TOTALS: RangeSpec[] = [
  REQUEST_RATE,
  COUNTS_BY_STATUS,
  LATENCY[0]!,
  LATENCY[1]!,
  LATENCY[2]!,
  metric('connections', 'sum'),
  metric('requests_queued', 'sum', undefined, VISITORS),
  metric('retries_total', 'rate', undefined, VISITORS),
]

/** Of one split: what each part answered, and how long that took. */
export const splitSpecs = (split: string) => ({
  outcomes: [metric('split_requests_total', 'rate', ['part', 'outcome'], { split })],
  p95: [metric('split_duration_seconds', 'p95', ['part'], { split })],
})
