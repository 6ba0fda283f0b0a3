import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import { onTestFinished } from 'vitest'
import { createCache, type CacheOptions, type CacheManager } from '../src/index.ts'

export interface TestCache {
  cache: CacheManager
  clock: FakeClock
  /** The sum of a metric's series that have these labels; of a histogram, how often it was recorded. */
  metric: (name: string, labels?: Record<string, string>) => number
}

/** A cache on a clock that stands still, until the end of the test. */
export function setUp(options: CacheOptions = {}): TestCache {
  const clock = fakeClock()
  const registry = new MetricRegistry()
  const cache = createCache({ clock, registry, ...options })
  onTestFinished(() => cache.close())
  const metric = (name: string, labels: Record<string, string> = {}): number =>
    registry
      .collect()
      .filter((metric) => metric.name === `millrace_cache_${name}`)
      .flatMap((metric) => metric.series)
      .filter((series) => Object.entries(labels).every(([key, value]) => series.labels[key] === value))
      .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0)
  return { cache, clock, metric }
}

/** Something that a loader waits for. */
export const gate = <Value>(): PromiseWithResolvers<Value> => Promise.withResolvers<Value>()
