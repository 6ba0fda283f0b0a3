import type { IncomingMessage } from 'node:http'
import { cacheMiddleware, type Middleware } from './express.ts'
import { cacheHooks, type CacheHooks, type FastifyRequestLike } from './fastify.ts'
import { honoMiddleware, type HonoContextLike, type HonoMiddleware } from './hono.ts'
import {
  honoInvalidation,
  invalidationHooks,
  invalidationMiddleware,
  type InvalidationHooks,
  type InvalidationOptions,
  type Patterns,
} from './invalidation.ts'
import type { HttpCacheOptions } from './request.ts'
import type { CacheParts } from './response-cache.ts'

/** What a cache offers to web frameworks. */
export abstract class HttpSurface {
  protected abstract readonly parts: CacheParts

  /**
   * Cache-aside for GET in Express and Connect: `app.get('/products', cache.middleware('PRODUCTS'), handler)`.
   * @throws CACHE_NAMESPACE_INVALID, CACHE_TTL_INVALID, CACHE_OPTION_INVALID
   */
  middleware<Request extends IncomingMessage = IncomingMessage>(
    namespace: string,
    options: HttpCacheOptions<Request> = {},
  ): Middleware<Request> {
    return cacheMiddleware(this.parts, namespace, options)
  }

  /** The same for a Fastify route: `app.get('/products', cache.hooks('PRODUCTS'), handler)`. */
  hooks<Request extends FastifyRequestLike = FastifyRequestLike>(
    namespace: string,
    options: HttpCacheOptions<Request> = {},
  ): CacheHooks<NoInfer<Request>> {
    return cacheHooks(this.parts, namespace, options)
  }

  /**
   * The same for Hono: `app.get('/products', cache.hono('PRODUCTS'), handler)`. The functions of the options are given Hono's
   * context.
   */
  hono<Context extends HonoContextLike = HonoContextLike>(
    namespace: string,
    options: HttpCacheOptions<Context> = {},
  ): HonoMiddleware<NoInfer<Context>> {
    return honoMiddleware(this.parts, namespace, options)
  }

  /** For routes that change something: deletes by pattern, and by tag, when the handler succeeds. */
  invalidateMiddleware<Request extends IncomingMessage = IncomingMessage>(
    patterns: Patterns<Request>,
    options: InvalidationOptions<Request> = {},
  ): Middleware<Request> {
    return invalidationMiddleware(this.parts, patterns, options)
  }

  /** The same for a Fastify route. */
  invalidateHooks<Request extends FastifyRequestLike = FastifyRequestLike>(
    patterns: Patterns<Request>,
    options: InvalidationOptions<Request> = {},
  ): InvalidationHooks<NoInfer<Request>> {
    return invalidationHooks(this.parts, patterns, options)
  }

  /** The same for Hono. */
  invalidateHono<Context extends HonoContextLike = HonoContextLike>(
    patterns: Patterns<Context>,
    options: InvalidationOptions<Context> = {},
  ): HonoMiddleware<NoInfer<Context>> {
    return honoInvalidation(this.parts, patterns, options)
  }
}
