import { getHeapStatistics } from 'node:v8'
import type { MetricRegistry } from '@millrace/core/metrics'

/** V8's heap of this thread. */
export function observeHeap(registry: MetricRegistry): void {
  registry
    .gauge({ name: 'nodejs_heap_used_bytes', help: 'Heap in use.', unit: 'By' })
    .observe(() => getHeapStatistics().used_heap_size)
  registry
    .gauge({ name: 'nodejs_heap_total_bytes', help: 'Heap reserved.', unit: 'By' })
    .observe(() => getHeapStatistics().total_heap_size)
}

/** What the operating system charges the whole process. */
export function observeProcess(registry: MetricRegistry): void {
  registry
    .counter({ name: 'process_cpu_seconds_total', help: 'CPU time, user and system.', unit: 's' })
    .observe(() => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
  registry
    .gauge({ name: 'process_resident_memory_bytes', help: 'Resident set size.', unit: 'By' })
    .observe(() => process.memoryUsage.rss())
}
