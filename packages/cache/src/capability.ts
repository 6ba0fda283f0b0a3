import { defineCapability } from '@millrace/core'
import { cacheActions } from './actions.ts'
import { cacheConfig } from './config.ts'
import { cacheMetrics } from './metrics.ts'
import { readCurves } from './platform/curve-report.ts'
import { readUsage } from './platform/usage.ts'
import { cacheRoutes } from './routes.ts'
import { CURVE_WINDOW_MS, recent } from './service.ts'

const OVERVIEW_WINDOW_MS = 300_000

export const capability = defineCapability({
  name: 'cache',
  title: 'Cache',
  summary: 'Keeps results in memory and in Redis, with time to live, tags and one load per key.',
  config: cacheConfig,
  metrics: cacheMetrics,
  actions: cacheActions,
  routes: cacheRoutes,
  host: async () => (await import('./host.ts')).host,
  create: async (context) => (await import('./platform/create-service.ts')).createCacheService(context),
  health: async (service) => (await import('./platform/health.ts')).cacheHealth(service),
  async overview(service) {
    const { entries, bytes } = service.cache.stats()
    if (service.ports.find('metricReader') === undefined) return { entries, bytes }
    const { hits, misses, hitRatio, rows } = await readUsage(recent(service, OVERVIEW_WINDOW_MS))
    return {
      windowMs: OVERVIEW_WINDOW_MS,
      hits,
      misses,
      hitRatio,
      // Of every process that reports, this one included.
      entries: rows.reduce((sum, row) => sum + row.entries, 0),
      bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
      stampedesAvoided: rows.reduce((sum, row) => sum + row.stampedesAvoided, 0),
    }
  },
  async recommend(service) {
    if (service.ports.find('metricReader') === undefined) return []
    const { cacheRecommendations } = await import('./recommendations.ts')
    return cacheRecommendations(await readCurves(recent(service, CURVE_WINDOW_MS)))
  },
  dispose: async (service) => service.dispose(),
})
