import { COMPONENT_STATES } from '@millrace/core'
import { z } from 'zod'
import { regionsModel } from './regions/model.ts'
import { SOURCE_KINDS } from './discovery/source.ts'
import { CHECK_KINDS } from './health/health-settings.ts'
import { BALANCE_ALGORITHMS, ENGINES } from './config.ts'

/** What screens, actions and the API show of the data plane. */

export const backendModel = z.object({
  id: z.string(),
  pool: z.string(),
  address: z.string(),
  state: z.enum(['up', 'draining', 'down']),
  ejected: z.boolean().describe('Out for a moment because it fails requests, or connections to it.'),
  circuit: z.enum(['closed', 'open', 'recovering']).describe('The worst of all workers.'),
  admitted: z.number().describe('Share of its weight that it gets now, 0–1.'),
  latencyMs: z
    .number()
    .describe(
      'To the response’s head, lately; 0: not measured, which the algorithm or the breaker must want.',
    ),
  inFlight: z.number(),
  requests: z.number(),
  failures: z.number(),
  weight: z.number().optional().describe('Its share of the pool’s traffic, relative to the others.'),
  health: z
    .object({
      healthy: z.boolean(),
      message: z.string(),
      latencyMs: z.number().optional(),
      checkedAt: z.number().optional().describe('Milliseconds since the epoch.'),
      kind: z.enum(CHECK_KINDS).optional(),
      failures: z.number().optional().describe('Failed checks in a row.'),
      changedAt: z.number().optional().describe('When it last went from healthy to unhealthy or back.'),
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

export const statusModel = z.object({
  enabled: z.boolean().describe('gateway.enabled, LOAD_BALANCER_ENABLED.'),
  supervisor: z.boolean().describe('false: there is no `millrace up`, and so there are no workers.'),
  engine: z.enum(ENGINES),
  address: z.string().optional().describe('Where visitors are answered.'),
  accessLog: z.boolean(),
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

export const cacheModel = z.object({
  hit: z
    .number()
    .describe('Answered from the cache, fresh. As the other counts: since the present workers started.'),
  stale: z.number().describe('Answered stale, while it was renewed or because the application failed.'),
  revalidated: z.number().describe('Answered from the cache after the application confirmed it.'),
  miss: z.number().describe('Fetched from the application.'),
  bypass: z.number().describe('Not for a cache.'),
  error: z.number().describe('The application failed, and nothing stored could take its place.'),
  hitRatio: z
    .number()
    .nullable()
    .describe('Share answered without the application; null: nothing was asked for.'),
  renewals: z.number().describe('Requests of the cache’s own.'),
  entries: z.number().describe('Over all workers, each of which has its own.'),
  bytes: z.number(),
  maxBytes: z.number(),
  encodedBytes: z.number().describe('Compressed forms, with the bodies that they are of.'),
})

export const discoveryModel = z.object({
  pool: z.string(),
  source: z.enum(SOURCE_KINDS),
  target: z.string().describe('What is looked up, and where.'),
  state: z
    .enum(['waiting', 'ok', 'failing'])
    .describe('failing: the last question was not answered, and the backends found last stay.'),
  backends: z.number(),
  draining: z.number(),
  answeredAt: z.number().optional().describe('Milliseconds since the epoch.'),
  changedAt: z.number().optional().describe('When the list last changed.'),
  error: z.string().optional(),
  failures: z.number().describe('Failed questions in a row.'),
})

export const certificateModel = z.object({
  certificate: z.string().describe('Its file.'),
  names: z.array(z.string()),
  validTo: z.number().describe('Milliseconds since the epoch.'),
  daysLeft: z.number().describe('Negative: it has expired.'),
})

export const tlsModel = z.object({
  certificates: z.array(certificateModel).describe('The default one first.'),
  handshakes: z.number().describe('As the other counts: since the present workers started.'),
  resumed: z.number().describe('Of them, those that went on with a former session.'),
  failed: z.number(),
})

export const statsModel = z.object({
  connections: z.number(),
  inFlight: z.number(),
  requests: z.number(),
  pools: z.array(poolModel),
  backends: z.array(backendModel),
  workers: z.array(workerModel),
  regions: regionsModel.optional().describe('Absent: there are none.'),
  discovery: z.array(discoveryModel).optional().describe('Absent: no application is looked up.'),
  tls: tlsModel.optional().describe('Absent: there is no TLS towards visitors (gateway.tls.enabled).'),
  cache: cacheModel.optional().describe('Absent: there is no HTTP cache.'),
})

export type StatusModel = z.output<typeof statusModel>
export type StatsModel = z.output<typeof statsModel>
