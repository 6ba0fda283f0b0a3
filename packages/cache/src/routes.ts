import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { curveSchema, readCurves } from './platform/curve-report.ts'
import { hotKeysSchema, readHotKeys } from './platform/hot-keys.ts'
import { sharedState } from './platform/shared-state.ts'
import { readProcesses, tiersSchema } from './platform/tiers.ts'
import { readUsage, usageSchema } from './platform/usage.ts'
import { CURVE_WINDOW_MS, recent, type CacheService } from './service.ts'
import { cacheStatsSchema } from './stats.ts'

const windowQuery = z.object({
  windowMs: z.coerce.number().int().min(1_000).max(86_400_000).default(300_000),
})

/** Errors of the shared tier are counted over it. */
const ERROR_WINDOW_MS = 300_000
export const cacheRoutes = [
  defineRoute({
    path: '/stats',
    summary: 'The control plane’s own cache',
    response: cacheStatsSchema,
    handler: async ({ cache }: CacheService) => cache.stats(),
  }),
  defineRoute({
    path: '/usage',
    summary: 'Hits and misses of every process, by tier, service and namespace',
    query: windowQuery,
    response: usageSchema,
    handler: async (service: CacheService, { query: { windowMs } }) => readUsage(recent(service, windowMs)),
  }),
  defineRoute({
    path: '/tiers',
    summary: 'The state of each tier: memory of every service, the shared store, the edge',
    response: tiersSchema,
    handler: async (service: CacheService) => {
      const { ports, shared, config } = service
      const [{ memory, connections, errors }, state] = await Promise.all([
        readProcesses(recent(service, ERROR_WINDOW_MS)),
        sharedState(shared, config.shared.enabled),
      ])
      const purger = ports.find('purger')
      return {
        memory,
        shared: { ...state, connections, errors, errorWindowMs: ERROR_WINDOW_MS },
        edge:
          purger === undefined
            ? { state: 'off' as const, message: 'No CDN is connected: purges end at the gateway.' }
            : { state: 'on' as const, message: `Purges are passed on to ${purger.name}.` },
      }
    },
  }),
  defineRoute({
    path: '/curve',
    summary: 'What the hit ratio would be with less and with more memory, by service',
    response: curveSchema,
    handler: async (service: CacheService) => readCurves(recent(service, CURVE_WINDOW_MS)),
  }),
  defineRoute({
    path: '/hot-keys',
    summary: 'The keys that are read most, by service',
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    response: hotKeysSchema,
    handler: async (service: CacheService, { query: { limit } }) =>
      readHotKeys(recent(service, CURVE_WINDOW_MS), limit),
  }),
]
