import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MemoryTier } from '../memory/tier.ts'
import type { Middleware } from './express.ts'
import type { FastifyReplyLike, FastifyRequestLike } from './fastify.ts'

/** Patterns for `delPattern`, fixed or from the request; the request's parameters are known when it is called. */
export type Patterns<Request> = readonly string[] | ((request: Request) => readonly string[])

export interface InvalidationOptions<Request> {
  /** Invalidated as well. */
  tags?: (request: Request) => readonly string[]
}

export interface InvalidationHooks<Request extends FastifyRequestLike = FastifyRequestLike> {
  onSend(request: Request, reply: FastifyReplyLike, payload: unknown): Promise<unknown>
}

function invalidate<Request>(
  tier: MemoryTier,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
  request: Request,
): void {
  const list = typeof patterns === 'function' ? patterns(request) : patterns
  for (const pattern of list) tier.deletePattern(pattern)
  const tags = options.tags?.(request) ?? []
  if (tags.length > 0) tier.invalidateTags(tags)
}

/**
 * Invalidates when the handler answers below 400, before the first byte of the answer leaves: whoever has seen the
 * answer reads the new state.
 */
export function invalidationMiddleware<Request extends IncomingMessage>(
  tier: MemoryTier,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
): Middleware<Request> {
  return (request, response, next) => {
    // Node itself calls `writeHead` for headers that nobody wrote explicitly.
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    response.writeHead = ((...args: unknown[]) => {
      if ((args[0] as number) < 400) invalidate(tier, patterns, options, request)
      return writeHead(...args)
    }) as ServerResponse['writeHead']
    next()
  }
}

/** The same as Fastify hooks: `app.put('/products/:id', cache.invalidateHooks(['PRODUCTS:*']), handler)`. */
export function invalidationHooks<Request extends FastifyRequestLike>(
  tier: MemoryTier,
  patterns: Patterns<Request>,
  options: InvalidationOptions<Request>,
): InvalidationHooks<Request> {
  return {
    async onSend(request, reply, payload) {
      if (reply.statusCode < 400) invalidate(tier, patterns, options, request)
      return payload
    },
  }
}
