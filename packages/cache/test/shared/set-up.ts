import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import { onTestFinished } from 'vitest'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createMemoryStore, type MemoryStore } from '../../src/drivers/memory.ts'
import { createCache, type CacheManager, type CacheOptions } from '../../src/index.ts'

export interface SharingProcess {
  cache: CacheManager
  /** The sum of a metric's series that have these labels. */
  metric: (name: string, labels?: Record<string, string>) => number
}

export interface Sharing {
  store: MemoryStore
  clock: FakeClock
  /** One more process that shares the store, ready. */
  join: (options?: CacheOptions) => Promise<SharingProcess>
  /** Lets notices be delivered. */
  heard: () => Promise<void>
}

/** Several caches over one store, as several processes would have it, on a clock that stands still. */
export function setUpSharing(wrap: (store: SharedStore) => SharedStore = (store) => store): Sharing {
  const clock = fakeClock()
  const store = createMemoryStore({ clock })
  return {
    store,
    clock,
    async join(options = {}) {
      const registry = new MetricRegistry()
      const cache = createCache({ clock, registry, shared: wrap(store.driver()), ...options })
      onTestFinished(async () => {
        const closing = cache.close()
        // A store that hangs is waited for a moment.
        await clock.advance(2_000)
        await closing
      })
      await cache.ready()
      const metric = (name: string, labels: Record<string, string> = {}): number =>
        registry
          .collect()
          .filter((metric) => metric.name === `millrace_cache_${name}`)
          .flatMap((metric) => metric.series)
          .filter((series) => Object.entries(labels).every(([key, value]) => series.labels[key] === value))
          .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0)
      return { cache, metric }
    },
    heard: () => clock.advance(0),
  }
}

/** A store some of whose calls are replaced. */
export function altered(store: SharedStore, changes: Partial<SharedStore>): SharedStore {
  return new Proxy(store, {
    get: (target, name) => {
      const own = (changes as Record<PropertyKey, unknown>)[name] ?? Reflect.get(target, name)
      return typeof own === 'function' ? (own as () => unknown).bind(target) : own
    },
  })
}
