import { defineCapability } from '@millrace/core'
import { cacheActions } from './actions.ts'
import { createCache } from './cache.ts'
import { cacheConfig } from './config.ts'
import { cacheMetrics } from './metrics.ts'
import { cacheRoutes } from './routes.ts'
import { hitRatio, readUsage, type CacheService } from './service.ts'

const OVERVIEW_WINDOW_MS = 300_000

export const capability = defineCapability({
  name: 'cache',
  title: 'Cache',
  summary: 'Keeps results in memory, with time to live, tags and one load per key.',
  config: cacheConfig,
  metrics: cacheMetrics,
  actions: cacheActions,
  routes: cacheRoutes,
  async create({ config, metrics, ports, events, clock }): Promise<CacheService> {
    const cache = createCache({ ...config, name: 'control-plane', instruments: metrics, clock })
    ports.provide('cache', cache)
    const stops = [
      events.on('data.changed', async ({ tags }) => void (await cache.invalidateTags(tags))),
      events.on('purge.requested', async ({ tags }) => void (await cache.invalidateTags(tags ?? []))),
    ]
    const dispose = (): void => {
      for (const stop of stops) stop()
      ports.withdraw('cache')
      cache.close()
    }
    return { cache, ports, now: () => clock.now(), dispose }
  },
  async health({ cache }) {
    const { entries, bytes, maxBytes } = cache.stats()
    const used = Math.round((bytes / maxBytes) * 100)
    return { state: 'healthy', message: `${entries} entries, ${used} % of the memory allowed` }
  },
  async overview({ cache, ports, now }) {
    const { entries, bytes } = cache.stats()
    const reader = ports.find('metricReader')
    if (reader === undefined) return { entries, bytes }
    const rows = await readUsage(reader, now(), OVERVIEW_WINDOW_MS)
    const hits = rows.reduce((sum, row) => sum + row.hits, 0)
    const misses = rows.reduce((sum, row) => sum + row.misses, 0)
    return {
      windowMs: OVERVIEW_WINDOW_MS,
      hits,
      misses,
      hitRatio: hitRatio({ hits, misses }),
      entries,
      bytes,
    }
  },
  dispose: async (service) => service.dispose(),
})
