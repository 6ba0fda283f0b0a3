import type { CapabilityContext, PurgeEvent } from '@millrace/core'
import { createCache } from '../cache.ts'
import type { CacheConfig } from '../config.ts'
import { EdgePurges } from '../edge/purges.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { CacheOptions } from '../options.ts'
import type { CacheService } from '../service.ts'
import { followEvents } from './follow-events.ts'
import { SharedKeyspaces, type KeyspaceSource } from './keyspaces.ts'
import { OWN_KEYSPACE } from './purge.ts'
import { warmAddresses } from './warm-addresses.ts'

const WARMING_JOB = 'cache.warm'

type Context = CapabilityContext<CacheConfig, CacheInstruments>

/** The control plane's part: its own cache, the port, and an ear for whoever says that something changed. */
export async function createCacheService(context: Context): Promise<CacheService> {
  const { config, metrics, ports, events, clock, logger } = context
  const source = await keyspaceSource(context)
  const shared = source === undefined ? undefined : new SharedKeyspaces(source, clock)
  const cache = createCache({
    ...cacheOptions(config),
    ...(source === undefined ? {} : { shared: source.driver(OWN_KEYSPACE) }),
    instruments: metrics,
    clock,
    logger,
  })
  ports.provide('cache', cache)
  const own = new WeakSet<object>()
  const edge = new EdgePurges({ purger: () => ports.find('purger'), instruments: metrics, clock, logger })
  const unfollow = followEvents({ cache, shared, edge, events, logger, own })
  await scheduleWarming(context)
  return {
    cache,
    config,
    shared,
    ports,
    logger,
    clock,
    now: () => clock.now(),
    announce: (event: PurgeEvent) => {
      own.add(event)
      events.emit('purge.requested', event)
    },
    dispose: async () => {
      unfollow()
      ports.withdraw('cache')
      await edge.close()
      await cache.close()
      await shared?.close()
    },
  }
}

async function scheduleWarming({ config, jobs, clock, logger }: Context): Promise<void> {
  const { urls, cron, concurrency, timeoutMs } = config.warming
  if (urls.length === 0 || cron === undefined) return
  await jobs.handle(WARMING_JOB, (_, { signal }) =>
    warmAddresses(urls, { concurrency, timeoutMs, signal, clock, logger }),
  )
  await jobs.schedule(WARMING_JOB, cron)
}

/** The Redis driver is heavy: loaded where there is a Redis. */
async function keyspaceSource({ config, redis, logger }: Context): Promise<KeyspaceSource | undefined> {
  if (!config.shared.enabled || redis === undefined) return undefined
  const { redisKeyspaces } = await import('../drivers/redis/index.ts')
  return redisKeyspaces(redis, { logger })
}

const cacheOptions = (config: CacheConfig): CacheOptions => ({
  name: OWN_KEYSPACE,
  maxEntries: config.maxEntries,
  maxBytes: config.maxBytes,
  eviction: config.eviction,
  defaultTtlMs: config.defaultTtlMs,
  loaderTimeoutMs: config.loaderTimeoutMs,
  namespaces: config.namespaces,
  sharedTimeoutMs: config.shared.timeoutMs,
  maxSharedBytes: config.shared.maxBytes,
  maxUndelivered: config.shared.maxUndelivered,
  leaseMs: config.shared.leaseMs,
  leaseWaitMs: config.shared.leaseWaitMs,
  compression: config.compression.algorithm,
  compressAboveBytes: config.compression.aboveBytes,
})
