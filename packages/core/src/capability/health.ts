import { z } from 'zod'

/** `degraded`: works with a stated loss. `failed`: does not work. */
export const HEALTH_STATES = ['healthy', 'degraded', 'failed'] as const

export const healthSchema = z.object({
  state: z.enum(HEALTH_STATES),
  message: z.string(),
  /** Dependencies looked at, with the time each answer took. */
  checks: z
    .array(
      z.object({
        name: z.string(),
        state: z.enum(HEALTH_STATES),
        message: z.string().optional(),
        latencyMs: z.number().optional(),
      }),
    )
    .optional(),
})

export type Health = z.infer<typeof healthSchema>
