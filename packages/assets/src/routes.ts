import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { readUsage, usageSchema } from './platform/usage.ts'
import type { AssetsService } from './service.ts'

export const assetsRoutes = [
  defineRoute({
    path: '/usage',
    summary: 'Images made and served, and the bytes saved',
    query: z.object({ windowMs: z.coerce.number().int().min(1_000).max(86_400_000).default(3_600_000) }),
    response: usageSchema,
    handler: async (service: AssetsService, { query: { windowMs } }) =>
      readUsage(service.ports.get('metricReader'), service.now(), windowMs),
  }),
]
