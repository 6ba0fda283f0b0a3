import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { readPools, type ScalingService } from './service.ts'
import { poolSchema } from './target/messages.ts'

const pools = defineRoute({
  path: '/pools',
  summary: 'Applications with their instances, bounds and states.',
  response: z.object({ pools: z.array(poolSchema) }),
  handler: async (service: ScalingService) => ({ pools: await readPools(service) }),
})

export const scalingRoutes = [pools]
