import fastifyStatic from '@fastify/static'
import { PROBLEM_CONTENT_TYPE, type Logger } from '@millrace/core'
import { describeProblem, storeErrors } from '@millrace-store/store/service'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface WebOptions {
  logger: Logger
  /** Holds `web` (the built client) and `images` (made by the media service). */
  dataDir: string
}

const YEAR_S = 31_536_000
const HOUR_S = 3_600

/** Everything comes from the store itself; nothing may frame it. `blob:` is the preview of an upload. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const sendIndex = (reply: FastifyReply): FastifyReply =>
  reply
    .header('cache-control', 'no-cache')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('referrer-policy', 'same-origin')
    .sendFile('index.html', { cacheControl: false })

export async function buildWeb({ logger, dataDir }: WebOptions): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, bodyLimit: 1_024 })

  app.setErrorHandler((error, request, reply) => {
    const problem = describeProblem(error, request.url, logger)
    return reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem)
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
  })

  app.get('/health', () => ({ status: 'up', uptimeSeconds: Math.round(process.uptime()) }))

  const images = join(dataDir, 'images')
  await mkdir(images, { recursive: true })
  await app.register(fastifyStatic, {
    root: images,
    prefix: '/images/',
    maxAge: HOUR_S * 1_000,
    index: false,
    decorateReply: false,
  })
  // Names in /assets contain a hash of the content: what is there never changes.
  await app.register(fastifyStatic, {
    root: join(dataDir, 'web'),
    prefix: '/',
    index: false,
    wildcard: true,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(dataDir, 'web', 'assets'))
      reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
    },
  })
  app.get('/', (_request, reply) => sendIndex(reply))

  // A page of the client's router: anything that a browser navigates to and that is not a file.
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const page =
      request.method === 'GET' &&
      !path.includes('.') &&
      /text\/html|\*\/\*/.test(request.headers.accept ?? '')
    if (!page) throw storeErrors.ROUTE_NOT_FOUND({ method: request.method, path })
    return sendIndex(reply)
  })
  return app
}
