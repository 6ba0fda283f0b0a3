import { HEALTH_STATES } from '@millrace/core'
import { z } from 'zod'

export const livenessSchema = z.object({
  status: z.literal('ok'),
  uptimeSeconds: z.number(),
  version: z.string(),
})

export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    checks: z.array(
      z.object({
        name: z.string(),
        state: z.enum(HEALTH_STATES),
        message: z.string(),
        latencyMs: z.number(),
      }),
    ),
  })
  .meta({ id: 'Readiness' })
