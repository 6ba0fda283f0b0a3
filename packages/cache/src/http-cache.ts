import type { HttpCacheFactory } from '@millrace/core'
import { systemClock, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { CacheManager } from './cache.ts'
import type { SharedStore } from './drivers/driver.ts'
import { cacheErrors } from './errors.ts'
import { registerResponseTypes } from './http/codec.ts'
import { MAX_KEY_LENGTH } from './http/forwarding/asked.ts'
import { ForwardingCache } from './http/forwarding/http-cache.ts'
import { httpCacheOptions } from './http/forwarding/options.ts'
import { Service } from './http/forwarding/service.ts'
import type { CacheParts } from './http/response-cache.ts'
import { Responses } from './http/responses.ts'

const NAMESPACE = 'http'

/**
 * A shared cache of HTTP responses for whoever forwards requests (the port `HttpCache`): RFC 9111 over the memory of
 * this process, and over Redis where the options name it.
 * @throws CACHE_OPTION_INVALID
 */
export const createHttpCache: HttpCacheFactory = (options, context) => openHttpCache(options, context)

export interface HttpCacheContext {
  instance: string
  logger: Logger
  registry: MetricRegistry
  /** Default: the system's. */
  clock?: Clock
  /** In place of the one that the options name. */
  shared?: SharedStore
}

/** The same on a clock and a store of the caller's. */
export async function openHttpCache(options: unknown, context: HttpCacheContext): Promise<ForwardingCache> {
  const parsed = httpCacheOptions.safeParse(options ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw cacheErrors.OPTION_INVALID({
      field: issue?.path.join('.') ?? 'options',
      value: 'not accepted',
      accepted: issue?.message ?? 'the options of createHttpCache',
    })
  }
  const settings = parsed.data
  const { clock = systemClock, logger, registry, shared } = context
  const cache = new Inside({
    // The keyspace: the same in every process, so that what one stores the others find.
    name: settings.keyspace,
    clock,
    logger,
    registry,
    maxBytes: settings.maxBytes,
    maxEntries: settings.maxEntries,
    // A variant and what its key and bookkeeping take; whether a body is too large is decided by `maxBodyBytes`.
    maxEntryBytes: settings.maxBytes,
    maxKeyLength: MAX_KEY_LENGTH,
    // Every purge by address or key is one.
    maxTags: 50_000,
    maxSharedBytes: settings.maxBodyBytes + 1_048_576,
    ...(shared !== undefined && { shared }),
    ...(settings.redis !== 'off' && { redis: settings.redis }),
  })
  const { parts } = cache.inside()
  await cache.ready()
  if (parts.shared !== undefined) registerResponseTypes(parts.shared, clock)
  const responses = new Responses(parts, parts.tier.open(NAMESPACE), settings.maxVariants)
  return new ForwardingCache(new Service(settings, clock, responses), () => cache.close())
}

/** The layers of this package work on a cache's inside. */
class Inside extends CacheManager {
  inside(): { parts: CacheParts } {
    return { parts: this.parts }
  }
}
