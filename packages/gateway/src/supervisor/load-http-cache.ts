import type { HttpCache, HttpCacheFactory, HttpCacheModule, Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'

/**
 * The HTTP cache that a module makes. Without it, because it cannot be loaded or does not start, requests are forwarded: a
 * cache is never a reason to serve nothing.
 */
export async function loadHttpCache(
  { module, options }: HttpCacheModule,
  context: { instance: string; logger: Logger; registry: MetricRegistry },
): Promise<HttpCache | undefined> {
  try {
    const { createHttpCache } = (await import(module)) as { createHttpCache: HttpCacheFactory }
    return await createHttpCache(options, context)
  } catch (error) {
    context.logger.error({ err: error, module }, 'the HTTP cache did not start; requests are forwarded')
    return undefined
  }
}
