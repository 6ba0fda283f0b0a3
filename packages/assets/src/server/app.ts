import {
  MillraceError,
  PROBLEM_CONTENT_TYPE,
  toProblem,
  type Clock,
  type Health,
  type Logger,
} from '@millrace/core'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { assetsErrors } from '../errors.ts'
import { IMAGE_PATH } from '../images/url.ts'
import type { AssetsInstruments } from '../metrics.ts'
import { HOP_HEADER, type SourceFetcher } from '../sources/fetcher.ts'
import type { FoundImage, ImageService } from './image-service.ts'
import { parseParameters } from './parameters.ts'

export interface ImageAppOptions {
  images: ImageService
  fetcher: SourceFetcher
  metrics: AssetsInstruments
  clock: Clock
  logger: Logger
  health: () => Health
  browserMaxAgeS: number
}

/** The image server's HTTP side. */
export function createImageApp(options: ImageAppOptions): FastifyInstance {
  const { clock, logger, metrics } = options
  const app = fastify({
    bodyLimit: 1_024,
    // Longer than the gateway keeps an idle connection, so that it is never closed under a request.
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { querystringParser: () => ({}) },
  })

  app.get(IMAGE_PATH, async (request, reply) => {
    const startedAt = clock.monotonic()
    let result = 'error'
    try {
      const found = await find(options, request)
      const { image } = found
      const notModified = matches(request.headers['if-none-match'], image.etag)
      result = notModified ? 'not_modified' : image.result
      metrics.images.with({ format: image.format, result }).add()
      describe(reply, found, options.browserMaxAgeS)
      if (notModified) return await reply.code(304).send()
      if (request.method === 'GET') metrics.served.add(image.body.byteLength)
      return await reply.type(`image/${image.format}`).send(image.body)
    } catch (error) {
      const code = error instanceof MillraceError ? error.code : 'INTERNAL'
      metrics.images.with({ format: 'none', result: code }).add()
      throw error
    } finally {
      metrics.requestDuration.with({ result }).record((clock.monotonic() - startedAt) / 1_000)
    }
  })

  app.get('/health', async (_, reply) => {
    const health = options.health()
    return reply.code(health.state === 'failed' ? 503 : 200).send(health)
  })

  app.setErrorHandler((error, _, reply) => {
    const problem = toProblem(error)
    if (problem.status >= 500 && problem.status !== 503) logger.error({ err: error }, 'image request failed')
    reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_CONTENT_TYPE)
    if (typeof problem.retryAfterS === 'number') reply.header('retry-after', String(problem.retryAfterS))
    // A string: Fastify would otherwise serialise by its own content type.
    return reply.send(JSON.stringify(problem))
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).send())
  return app
}

async function find(
  options: ImageAppOptions,
  request: FastifyRequest,
): Promise<FoundImage & { versioned: boolean }> {
  if (request.headers[HOP_HEADER] !== undefined) throw assetsErrors.LOOP({})
  const query = new URL(request.url, 'http://localhost').searchParams
  const { src, request: wanted, versioned } = parseParameters(query, request.headers.accept)
  return { ...(await options.images.image(options.fetcher.resolve(src), wanted)), versioned }
}

function describe(
  reply: FastifyReply,
  { image, maxAgeMs, versioned }: FoundImage & { versioned: boolean },
  browserMaxAgeS: number,
): void {
  reply.headers({
    etag: image.etag,
    vary: 'Accept',
    'cache-control': versioned ? 'public, max-age=31536000, immutable' : freshness(browserMaxAgeS, maxAgeMs),
    'x-image-width': String(image.width),
    'x-image-height': String(image.height),
    'x-original-bytes': String(image.originalBytes),
    'x-image-result': image.result,
    // Opened on its own, it is a picture and nothing else.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
}

/** As configured, and no longer than the source says itself. */
const freshness = (browserMaxAgeS: number, maxAgeMs: number | undefined): string =>
  maxAgeMs === undefined
    ? `public, max-age=${browserMaxAgeS}, stale-while-revalidate=86400`
    : `public, max-age=${Math.min(browserMaxAgeS, Math.floor(maxAgeMs / 1_000))}`

/** `If-None-Match` (RFC 9110, section 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
