import type { HttpCache, HttpCacheFactory, HttpCacheModule, Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'

/** A third of what a worker has to begin to listen. */
const START_MS = 10_000

export interface LoadContext {
  instance: string
  logger: Logger
  registry: MetricRegistry
  /** Default 10,000. */
  startMs?: number
}

/**
 * The HTTP cache that a module makes. Without it, because it cannot be loaded or does not start in time, requests are
 * forwarded: a cache is never a reason to serve nothing.
 */
export async function loadHttpCache(
  { module, options }: HttpCacheModule,
  { startMs = START_MS, ...context }: LoadContext,
): Promise<HttpCache | undefined> {
  const { logger } = context
  let late = false
  const starting = (async (): Promise<HttpCache> => {
    const { createHttpCache } = (await import(module)) as { createHttpCache: HttpCacheFactory }
    const cache = await createHttpCache(options, context)
    if (late) await cache.close()
    return cache
  })()
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it did not start within ${startMs} ms`)), startMs)
  try {
    return await Promise.race([starting, timeout])
  } catch (error) {
    late = true
    starting.catch(() => undefined)
    logger.error({ err: error, module }, 'the HTTP cache did not start; requests are forwarded')
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
