import type { IncomingMessage, ServerResponse } from 'node:http'
import { bagOf, isOfContent, takeConditions, type HeaderBag } from './header.ts'
import type { HttpCacheOptions } from './request.ts'
import { ResponseCache, type CacheParts } from './response-cache.ts'
import type { Hit, Production } from './production.ts'
import type { Fields } from './semantics/fields.ts'

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
  const misses = new WeakMap<IncomingMessage, { miss: Production; conditions: Fields }>()
  return {
    async onRequest(request, reply) {
      const { raw } = request
      const view = { method: raw.method ?? 'GET', url: raw.url ?? '/', headers: raw.headers }
      const found = await responses.look(view, request)
      if (found?.kind === 'hit') {
        setHead(reply, found)
        return reply.send(found.body)
      }
      reply.header('x-cache', found === undefined ? 'BYPASS' : 'MISS')
      if (found === undefined) return undefined
      misses.set(raw, { miss: found, conditions: takeConditions(raw.headers) })
      reply.raw.once('close', () => found.abandon())
      return undefined
    },
    async onSend(request, reply, payload) {
      const asked = misses.get(request.raw)
      if (asked === undefined) return payload
      const { miss, conditions } = asked
      const body = toBuffer(payload)
      if (body === undefined || body.byteLength > miss.maxBodyBytes) {
        miss.pass()
        return payload
      }
      const produced = { status: reply.statusCode, headers: reply.getHeaders(), body }
      const { headers, instead, notModified, store } = miss.finish(produced, conditions)
      for (const [name, value] of Object.entries(headers)) reply.header(name, value)
      // Hooks that come after this one may still add a cookie.
      whenHeadIsWritten(reply.raw, () => store(reply.getHeaders()))
      if (instead !== undefined) {
        for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
        setHead(reply, instead)
        return instead.body ?? null
      }
      if (!notModified) return payload
      for (const name of Object.keys(reply.getHeaders())) if (isOfContent(name)) reply.removeHeader(name)
      reply.code(304)
      return null
    },
  }
}

function setHead(reply: FastifyReplyLike, { status, rawHeaders }: Hit): void {
  reply.code(status)
  for (const [name, value] of Object.entries(bagOf(rawHeaders))) reply.header(name, value)
}

function whenHeadIsWritten(response: ServerResponse, then: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
  response.writeHead = ((...args: unknown[]) => {
    then()
    return writeHead(...args)
  }) as ServerResponse['writeHead']
}

/** Undefined for a stream. */
function toBuffer(payload: unknown): Buffer | undefined {
  if (payload === null || payload === undefined) return Buffer.alloc(0)
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.isBuffer(payload) ? payload : undefined
}
