import type { Clock } from '@millrace/core'
import type { Pool } from 'pg'
import type { z } from 'zod'
import { HEALTH_LIMIT_MS, healthOf } from '../capabilities/health-check.ts'
import type { Mounts } from '../capabilities/mounts.ts'
import { within } from '../http/within.ts'
import type { readinessSchema } from './schema.ts'

export type Readiness = z.infer<typeof readinessSchema>
type Check = Readiness['checks'][number]

/** An answer is kept this long, so that probes from everywhere cost one look. */
const KEEP_MS = 1_000

export interface ReadinessProbe {
  /** Looks at the database, Redis and each capability, all at once, each for at most 5 s. Never rejects. */
  check(): Promise<Readiness>
}

export function createReadinessProbe(options: {
  mounts: Mounts
  pool: Pool
  /** Undefined: none is configured. */
  pingRedis: (() => Promise<void>) | undefined
  started(): boolean
  clock: Clock
}): ReadinessProbe {
  const { mounts, pool, pingRedis, clock } = options
  let latest: { until: number; readiness: Promise<Readiness> } | undefined

  const timed = async (
    name: string,
    look: () => Promise<Omit<Check, 'name' | 'latencyMs'>>,
  ): Promise<Check> => {
    const startedAt = clock.monotonic()
    const outcome = await look()
    return { name, ...outcome, latencyMs: Math.round((clock.monotonic() - startedAt) * 10) / 10 }
  }

  const database = (): Promise<Check> =>
    timed('database', async () => {
      try {
        await within(pool.query('select 1'), HEALTH_LIMIT_MS, 'The database', clock)
        return { state: 'healthy', message: 'answers' }
      } catch {
        // The reason (host, user) is for the log, not for an open endpoint.
        return { state: 'failed', message: 'does not answer' }
      }
    })

  /** Nothing here needs it: what it is used for goes on by itself, only less well. */
  const redis = (ping: () => Promise<void>): Promise<Check> =>
    timed('redis', async () => {
      try {
        await within(ping(), HEALTH_LIMIT_MS, 'Redis', clock)
        return { state: 'healthy', message: 'answers' }
      } catch {
        return { state: 'degraded', message: 'does not answer; what it shares is not shared at present' }
      }
    })

  const look = async (): Promise<Readiness> => {
    const [store, ...optional] = await Promise.all([
      database(),
      ...(pingRedis === undefined ? [] : [redis(pingRedis)]),
      ...mounts.capabilities.map((capability) =>
        timed(capability.name, async () => {
          const { state, message } = await healthOf(capability, mounts, clock)
          return { state, message }
        }),
      ),
    ])
    const healthy = optional.every(({ state }) => state === 'healthy')
    const status =
      store.state === 'failed' || !options.started() ? 'unavailable' : healthy ? 'ready' : 'degraded'
    return { status, checks: [store, ...optional] }
  }

  return {
    check: () => {
      const now = clock.monotonic()
      if (latest === undefined || now >= latest.until) latest = { until: now + KEEP_MS, readiness: look() }
      return latest.readiness
    },
  }
}
