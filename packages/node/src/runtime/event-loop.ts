import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { MetricRegistry } from '@millrace/core/metrics'

// The sampling timer's period, which Node includes in what it reports: an idle loop shows 20 ms.
const RESOLUTION_MS = 20

/** Delay and utilisation of this thread's event loop over the interval between two collections. */
export function observeEventLoop(registry: MetricRegistry): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3)
  const read = (percentile: number): number => (delay.count === 0 ? 0 : seconds(delay.percentile(percentile)))
  registry
    .gauge({ name: 'nodejs_eventloop_delay_p50_seconds', help: 'Median event-loop delay.', unit: 's' })
    .observe(() => read(50))
  registry
    .gauge({
      name: 'nodejs_eventloop_delay_p99_seconds',
      help: '99th percentile of event-loop delay.',
      unit: 's',
    })
    .observe(() => {
      const value = read(99)
      // Collected last of the two, hence the one that begins the next interval.
      delay.reset()
      return value
    })
  let earlier = performance.eventLoopUtilization()
  registry
    .gauge({
      name: 'nodejs_eventloop_utilization_ratio',
      help: 'Share of the time the event loop was busy.',
      unit: '1',
    })
    .observe(() => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, earlier)
      earlier = now
      return utilization
    })
}
