import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Invalidations } from '../invalidation.ts'
import type { Middleware } from './express.ts'
import type { FastifyReplyLike, FastifyRequestLike } from './fastify.ts'
import { holdResponse } from './held-response.ts'
import type { HonoContextLike, HonoMiddleware } from './hono.ts'
import type { CacheParts } from './response-cache.ts'

/** Patterns for `delPattern`, fixed or from the request; the request's parameters are known when it is called. */
export type Patterns<Request> = readonly string[] | ((request: Request) => readonly string[])

export interface InvalidationOptions<Request> {
  /** Invalidated as well. */
  tags?: (request: Request) => readonly string[]
}

export interface InvalidationHooks<Request extends FastifyRequestLike = FastifyRequestLike> {
  onSend(request: Request, reply: FastifyReplyLike, payload: unknown): Promise<unknown>
}

/** In memory at once; what it returns is for the other processes, takes `sharedTimeoutMs` at most and never rejects for their sake. */
async function invalidate<Request>(
  invalidations: Invalidations,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
  request: Request,
): Promise<void> {
  const list = typeof patterns === 'function' ? patterns(request) : patterns
  const tags = options.tags?.(request) ?? []
  const all = list.map((pattern) => invalidations.pattern(pattern))
  await Promise.all(tags.length > 0 ? [...all, invalidations.tags(tags)] : all)
}

/**
 * Invalidates when the handler answers below 400, before the first byte of the answer leaves: whoever has seen the
 * answer reads the new state, from every process that shares a tier.
 */
export function invalidationMiddleware<Request extends IncomingMessage>(
  { invalidations, shared }: CacheParts,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
): Middleware<Request> {
  return (request, response, next) => {
    // Node itself calls `writeHead` for headers that nobody wrote explicitly.
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    if (shared !== undefined) {
      holdResponse(response, (status) =>
        status < 400 ? invalidate(invalidations, patterns, options, request) : undefined,
      )
    } else {
      response.writeHead = ((...args: unknown[]) => {
        if ((args[0] as number) < 400) void invalidate(invalidations, patterns, options, request)
        return writeHead(...args)
      }) as ServerResponse['writeHead']
    }
    next()
  }
}

/** The same as Fastify hooks: `app.put('/products/:id', cache.invalidateHooks(['PRODUCTS:*']), handler)`. */
export function invalidationHooks<Request extends FastifyRequestLike>(
  { invalidations }: CacheParts,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
): InvalidationHooks<Request> {
  return {
    async onSend(request, reply, payload) {
      if (reply.statusCode < 400) await invalidate(invalidations, patterns, options, request)
      return payload
    },
  }
}

/** The same for Hono. */
export function honoInvalidation<Context extends HonoContextLike>(
  { invalidations }: CacheParts,
  patterns: Patterns<Context>,
  options: InvalidationOptions<Context>,
): HonoMiddleware<Context> {
  return async (context, next) => {
    await next()
    if (context.res.status < 400) await invalidate(invalidations, patterns, options, context)
    return undefined
  }
}
