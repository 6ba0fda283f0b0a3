import { createCache, type CacheManager } from '@millrace/cache'
import { createPostgresNotices } from '@millrace/cache/postgres'
import { redisTopology, type Clock, type Logger, type RedisSettings } from '@millrace/core'
import type { Pool } from 'pg'

export interface ServiceCacheOptions {
  /** Of the service: its instances share what is cached under it. */
  name: string
  database: Pool
  /** Of the same database, for a connection that listens. */
  url: string
  /** As the platform hands it over: `settingsFromEnvironment(process.env)`. */
  redis: RedisSettings
  logger: Logger
  clock?: Clock
}

/** A NOTIFY takes its turn among the other queries of the pool. */
const NOTIFY_TIMEOUT_MS = 500

/**
 * A service's cache. With Redis its instances share one tier and hear of each other's invalidations; without, each has its
 * own memory, and hears of them through the database, which they have in common anyway. When Redis is lost, memory
 * and the database answer.
 */
export function createServiceCache(options: ServiceCacheOptions): CacheManager {
  const { name, database, url, redis, logger, clock } = options
  const common = { name, logger, ...(clock === undefined ? {} : { clock }) }
  if (redisTopology(redis) !== undefined) return createCache({ ...common, redis })
  const shared = createPostgresNotices({ name, database, url })
  return createCache({ ...common, shared, sharedTimeoutMs: NOTIFY_TIMEOUT_MS })
}
