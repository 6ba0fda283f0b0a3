import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import type { MetricRegistry } from '@millrace/core/metrics'

const KINDS: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak-callbacks',
}

/** Pauses of the garbage collector by kind. */
export function observeGarbageCollection(registry: MetricRegistry): void {
  const duration = registry.histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection pauses.',
    unit: 's',
    labels: ['kind'],
  })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail
      duration.with({ kind: KINDS[kind] ?? 'other' }).record(entry.duration / 1_000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
}
