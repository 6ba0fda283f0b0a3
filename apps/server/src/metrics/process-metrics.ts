import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { MetricRegistry } from '@millrace/core/metrics'

/** The control plane's own process under the names the agent uses for applications. Returns the way to stop. */
export function recordProcess(registry: MetricRegistry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  const gauge = (name: string, unit: string, help: string, read: () => number): void =>
    registry.gauge({ name, unit, help }).observe(read)

  gauge('process_resident_memory_bytes', 'By', 'Resident memory.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_used_bytes', 'By', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_eventloop_delay_p99_seconds', 's', 'Event-loop delay since the last look, p99.', () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return seconds
  })
  gauge('nodejs_eventloop_utilization_ratio', '1', 'Share of time the event loop was busy.', () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  })
  return () => delay.disable()
}
