import { COMPONENT_STATES } from '@millrace/core'
import { z } from 'zod'
import { BALANCE_ALGORITHMS } from './config.ts'

/** What screens, actions and the API show of the data plane. */

export const backendModel = z.object({
  id: z.string(),
  pool: z.string(),
  address: z.string(),
  state: z.enum(['up', 'draining', 'down']),
  ejected: z.boolean().describe('Out for a moment because connections to it fail.'),
  inFlight: z.number(),
  requests: z.number(),
  failures: z.number(),
  health: z
    .object({
      healthy: z.boolean(),
      message: z.string(),
      latencyMs: z.number().optional(),
      checkedAt: z.number().optional().describe('Milliseconds since the epoch.'),
    })
    .optional(),
})

export const poolModel = z.object({
  name: z.string(),
  balance: z.enum(BALANCE_ALGORITHMS),
  inFlight: z.number(),
  queued: z.number(),
  requests: z.number().describe('Since the present workers started.'),
  retries: z.number(),
  latency: z
    .object({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number() })
    .optional()
    .describe('Since the present workers started; absent before the first request.'),
  backends: z.object({ up: z.number(), draining: z.number(), down: z.number() }),
})

export const workerModel = z.object({
  id: z.string(),
  state: z.enum(COMPONENT_STATES),
  pid: z.number().optional(),
  address: z.string().optional(),
  readySince: z.number().optional(),
  restarts: z.number(),
  lastFailure: z.object({ at: z.number(), reason: z.string() }).optional(),
})

export const statsModel = z.object({
  connections: z.number(),
  inFlight: z.number(),
  requests: z.number(),
  pools: z.array(poolModel),
  backends: z.array(backendModel),
  workers: z.array(workerModel),
})

export type StatsModel = z.output<typeof statsModel>
