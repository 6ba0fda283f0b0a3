import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { readUsage, type CacheService } from './service.ts'
import { cacheStatsSchema } from './stats.ts'

export const cacheRoutes = [
  defineRoute({
    path: '/stats',
    summary: 'The control plane’s own cache',
    response: cacheStatsSchema,
    handler: async ({ cache }: CacheService) => cache.stats(),
  }),
  defineRoute({
    path: '/usage',
    summary: 'Hits and misses of every process, by service and namespace',
    query: z.object({ windowMs: z.coerce.number().int().min(1_000).max(86_400_000).default(300_000) }),
    response: z.object({
      windowMs: z.number(),
      rows: z.array(
        z.object({
          service: z.string(),
          namespace: z.string(),
          hits: z.number(),
          misses: z.number(),
          hitRatio: z.number().nullable(),
        }),
      ),
    }),
    handler: async ({ ports, now }: CacheService, { query: { windowMs } }) => ({
      windowMs,
      rows: await readUsage(ports.get('metricReader'), now(), windowMs),
    }),
  }),
]
