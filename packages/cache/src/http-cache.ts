import type { HttpCacheFactory } from '@millrace/core'
import { systemClock, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { cacheErrors } from './errors.ts'
import { ForwardingCache } from './http/forwarding/http-cache.ts'
import { httpCacheOptions } from './http/forwarding/options.ts'
import { Responses } from './http/forwarding/responses.ts'
import { Service } from './http/forwarding/service.ts'
import { S3Fifo } from './memory/s3-fifo.ts'
import { MemoryTier } from './memory/tier.ts'
import { createCacheInstruments } from './metrics.ts'
import { resolveOptions } from './options.ts'

const NAMESPACE = 'http'
const MAX_KEY_LENGTH = 8_192

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
  const responses = new Responses(tier, tier.open(NAMESPACE), { clock, maxVariants: settings.maxVariants })
  return new ForwardingCache(new Service(settings, clock, responses), {
    maxKeyLength: MAX_KEY_LENGTH,
    close: async () => tier.close(cacheErrors.CLOSED({ name: context.instance })),
  })
}
