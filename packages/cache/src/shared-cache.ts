import { redisSettings, type SharedCacheFactory } from '@millrace/core'
import { z } from 'zod'
import { createCache } from './cache.ts'
import { cacheErrors } from './errors.ts'

const options = z.strictObject({ redis: redisSettings })

/** What an envelope adds to a value, at most. */
const ENVELOPE_BYTES = 65_536
const LEAST_MEMORY_BYTES = 1_048_576

/**
 * A cache that processes of the data plane share over Redis (the port `SharedCache`).
 * @throws CACHE_OPTION_INVALID
 */
export const createSharedCache: SharedCacheFactory = async (given, context) => {
  const parsed = options.safeParse(given)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? 'options'
    throw cacheErrors.OPTION_INVALID({ field, value: 'not accepted', accepted: 'the settings of a Redis' })
  }
  const { name, namespace, ttlMs, maxValueBytes, memoryBytes, logger, registry } = context
  const cache = createCache({
    name,
    redis: parsed.data.redis,
    maxBytes: Math.max(LEAST_MEMORY_BYTES, memoryBytes),
    maxEntryBytes: Math.max(LEAST_MEMORY_BYTES, maxValueBytes),
    maxSharedBytes: maxValueBytes + ENVELOPE_BYTES,
    namespaces: { [namespace]: { ttlMs, tiers: memoryBytes === 0 ? 'shared' : 'both', compress: false } },
    logger,
    registry,
  })
  return cache
}
