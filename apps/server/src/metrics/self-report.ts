import type { Clock, Ports } from '@millrace/core'
import { decodeOtlp, encodeOtlp, type MetricRegistry, type MetricSnapshot } from '@millrace/core/metrics'

export const REPORT_INTERVAL_MS = 2_000

/**
 * Hands the control plane's own metrics to whoever stores metrics, through the same encoding that other processes
 * send: one definition of a delta for all. Returns the way to stop.
 */
export function reportOwnMetrics(registry: MetricRegistry, ports: Ports, clock: Clock): () => void {
  let previous: MetricSnapshot | undefined
  const resource = { service: 'control-plane', instance: 'control-plane' }
  const startedAt = clock.now()
  return clock.every(REPORT_INTERVAL_MS, () => {
    const writer = ports.find('metricWriter')
    if (writer === undefined) return
    const at = clock.now()
    const { body, snapshot } = encodeOtlp({ source: registry, previous, resource, at, startedAt })
    previous = snapshot
    writer.write(decodeOtlp(JSON.parse(body), { receivedAt: at }).points)
  })
}
