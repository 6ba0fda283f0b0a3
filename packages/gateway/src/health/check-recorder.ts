import { createInstruments, type MetricRegistry } from '@millrace/core/metrics'
import { gatewayMetrics } from '../metrics.ts'
import type { CheckKind } from './health-settings.ts'
import type { ProbeResult } from './probe.ts'

/** Counts the results of health checks and how long they took, by pool and kind. */
export function checkRecorder(
  registry: MetricRegistry,
): (pool: string, kind: CheckKind, result: ProbeResult) => void {
  const { healthChecks, healthCheckDuration } = gatewayMetrics
  const instruments = createInstruments(registry, 'gateway', { healthChecks, healthCheckDuration })
  return (pool, kind, { healthy, latencyMs }) => {
    instruments.healthChecks.with({ pool, kind, result: healthy ? 'passed' : 'failed' }).add()
    instruments.healthCheckDuration.with({ pool, kind }).record(latencyMs / 1_000)
  }
}
