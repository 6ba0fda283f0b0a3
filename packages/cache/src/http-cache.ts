import type { HttpCacheFactory } from '@millrace/core'
import { systemClock, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { cacheErrors } from './errors.ts'
import { MAX_KEY_LENGTH } from './http/forwarding/asked.ts'
import { ForwardingCache } from './http/forwarding/http-cache.ts'
import { httpCacheOptions } from './http/forwarding/options.ts'
import { Responses } from './http/responses.ts'
import { Service } from './http/forwarding/service.ts'
import { Invalidations } from './invalidation.ts'
import { S3Fifo } from './memory/s3-fifo.ts'
import { MemoryTier } from './memory/tier.ts'
import { createCacheInstruments } from './metrics.ts'
import { resolveOptions } from './options.ts'

const NAMESPACE = 'http'

/**
 * A shared cache of HTTP responses for whoever forwards requests (the port `HttpCache`): RFC 9111 over the memory of
 * this process.
 * @throws CACHE_OPTION_INVALID
 */
export const createHttpCache: HttpCacheFactory = (options, context) => openHttpCache(options, context)

/** The same on a clock of the caller's. */
export async function openHttpCache(
  options: unknown,
  context: { instance: string; logger: Logger; registry: MetricRegistry; clock?: Clock },
): Promise<ForwardingCache> {
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
  const clock = context.clock ?? systemClock
  const limits = resolveOptions({
    name: context.instance,
    clock,
    maxBytes: settings.maxBytes,
    maxEntries: settings.maxEntries,
    maxKeyLength: MAX_KEY_LENGTH,
    registry: context.registry,
  })
  const tier = new MemoryTier(limits, new S3Fifo(limits), createCacheInstruments(context.registry), new Map())
  const invalidations = new Invalidations(tier)
  const parts = { tier, shared: undefined, invalidations }
  const responses = new Responses(parts, tier.open(NAMESPACE), settings.maxVariants)
  return new ForwardingCache(new Service(settings, clock, responses), async () =>
    tier.close(cacheErrors.CLOSED({ name: context.instance })),
  )
}
