import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderBag } from './header.ts'
import type { HttpCacheOptions } from './request.ts'
import { ResponseCache, withoutContent, type CacheParts, type Miss } from './response-cache.ts'

/** The parts of a Fastify request and reply that are used, so that the package needs no Fastify. */
export interface FastifyRequestLike {
  raw: IncomingMessage
}

export interface FastifyReplyLike {
  raw: ServerResponse
  statusCode: number
  code(status: number): unknown
  header(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
  getHeaders(): HeaderBag
  send(payload?: unknown): unknown
}

/** For a route: `app.get('/products', cache.hooks('PRODUCTS'), handler)`. */
export interface CacheHooks<Request extends FastifyRequestLike = FastifyRequestLike> {
  onRequest(request: Request, reply: FastifyReplyLike): Promise<unknown>
  onSend(request: Request, reply: FastifyReplyLike, payload: unknown): Promise<unknown>
}

/** Cache-aside for GET as Fastify hooks. A stream as payload is sent and not stored. */
export function cacheHooks<Request extends FastifyRequestLike>(
  parts: CacheParts,
  namespace: string,
  options: HttpCacheOptions<Request>,
): CacheHooks<Request> {
  const responses = new ResponseCache<Request>(parts, namespace, options)
  const misses = new WeakMap<IncomingMessage, Miss>()
  return {
    async onRequest(request, reply) {
      const { raw } = request
      const view = { method: raw.method ?? 'GET', url: raw.url ?? '/', headers: raw.headers }
      const found = await responses.look(view, request)
      if (found?.kind === 'hit') {
        reply.code(found.status)
        for (const [name, value] of Object.entries(found.headers)) reply.header(name, value)
        return reply.send(found.body)
      }
      reply.header('x-cache', found === undefined ? 'BYPASS' : 'MISS')
      if (found === undefined) return undefined
      misses.set(raw, found)
      reply.raw.once('close', () => found.abandon())
      delete raw.headers['if-none-match']
      delete raw.headers['if-modified-since']
      return undefined
    },
    async onSend(request, reply, payload) {
      const miss = misses.get(request.raw)
      const body = toBuffer(payload)
      if (miss === undefined) return payload
      if (body === undefined || body.byteLength > miss.maxBodyBytes) {
        miss.pass()
        return payload
      }
      const finished = miss.finish({ status: reply.statusCode, headers: reply.getHeaders(), body })
      for (const [name, value] of Object.entries(finished.headers)) reply.header(name, value)
      finished.store()
      if (!finished.notModified) return payload
      const kept = withoutContent(reply.getHeaders())
      for (const name of Object.keys(reply.getHeaders())) if (!(name in kept)) reply.removeHeader(name)
      reply.code(304)
      return null
    },
  }
}

/** Undefined for a stream. */
function toBuffer(payload: unknown): Buffer | undefined {
  if (payload === null || payload === undefined) return Buffer.alloc(0)
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.isBuffer(payload) ? payload : undefined
}
