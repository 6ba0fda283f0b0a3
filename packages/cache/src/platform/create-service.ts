import type { CapabilityContext } from '@millrace/core'
import { createCache } from '../cache.ts'
import type { CacheConfig } from '../config.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { CacheService } from '../service.ts'
import { OWN_KEYSPACE, type PurgeParts } from './purge.ts'

/** The control plane's part: its own cache, the port, and whoever says that something changed. */
export async function createCacheService(
  context: CapabilityContext<CacheConfig, CacheInstruments>,
): Promise<CacheService> {
  const { config, metrics, ports, events, clock, logger } = context
  const { shared: sharedConfig, compression, namespaces, maxEntries, maxBytes } = config
  const cache = createCache({
    name: OWN_KEYSPACE,
    maxEntries,
    maxBytes,
    defaultTtlMs: config.defaultTtlMs,
    loaderTimeoutMs: config.loaderTimeoutMs,
    namespaces,
    sharedTimeoutMs: sharedConfig.timeoutMs,
    maxSharedBytes: sharedConfig.maxBytes,
    maxUndelivered: sharedConfig.maxUndelivered,
    leaseMs: sharedConfig.leaseMs,
    leaseWaitMs: sharedConfig.leaseWaitMs,
    compression: compression.algorithm,
    compressAboveBytes: compression.aboveBytes,
    instruments: metrics,
    clock,
    logger,
  })
  const shared = undefined
  ports.provide('cache', cache)
  const parts: PurgeParts = { cache, shared, ports, events, logger }
  /** Tags that somebody else declares stale concern every cache, not only this one. */
  const forget = async (tags: readonly string[] | undefined): Promise<void> => {
    if (tags === undefined || tags.length === 0) return
    await cache.invalidateTags(tags)
  }
  const stops = [
    events.on('data.changed', ({ tags }) => forget(tags)),
    events.on('purge.requested', ({ tags }) => forget(tags)),
  ]
  const dispose = async (): Promise<void> => {
    for (const stop of stops) stop()
    ports.withdraw('cache')
    cache.close()
  }
  return { ...parts, config, now: () => clock.now(), dispose }
}
