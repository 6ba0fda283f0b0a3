import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import { OPTIMIZATION_PATHS, PERFORMANCE_PARTS, PORT_PROVIDERS, type Logger } from '@millrace/core'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { jsonSchemaTransform, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { capabilityErrors, serverErrors } from '../errors.ts'
import { answerClientError } from './client-errors.ts'
import { acceptJsonOnly } from './json-body.ts'
import { openApiInfo, withUsedComponents } from './openapi.ts'
import { createOutageLog } from './outage-log.ts'
import { createErrorHandler, routeOf } from './problem-reply.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { outputSerializer } from './serializer.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Bytes of a request body, unless a route says otherwise. */
export const BODY_LIMIT = 1024 * 1024
/** A client that needs longer to send its whole request is cut off. */
export const REQUEST_TIMEOUT_MS = 30_000

const OUR_CAPABILITIES: ReadonlySet<string> = new Set(
  [PORT_PROVIDERS, PERFORMANCE_PARTS, OPTIMIZATION_PATHS].flatMap((table) => Object.values(table)),
)

export interface AppOptions {
  logger: Logger
  version: string
  /** Whether a capability of that name is mounted. */
  mounted: (name: string) => boolean
}

/** Fastify with our limits, error format and schemas; routes come later. */
export async function createApp({ logger, version, mounted }: AppOptions): Promise<App> {
  const outages = createOutageLog(logger)
  const answerError = createErrorHandler(logger, outages)
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 75_000,
    // Only the gateway on this machine may say whom it speaks for.
    trustProxy: 'loopback',
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: answerClientError,
  }).withTypeProvider<ZodTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(outputSerializer)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const capability = path.startsWith('/api/') ? path.split('/', 3)[2] : undefined
    // A capability of ours that is not mounted is missing; any other path simply does not exist.
    if (capability !== undefined && OUR_CAPABILITIES.has(capability) && !mounted(capability)) {
      throw capabilityErrors.MISSING({ capability, part: path })
    }
    throw serverErrors.NOT_FOUND({ what: `${request.method} ${path}` })
  })
  acceptJsonOnly(app)

  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode < 400) outages.answered(routeOf(request))
    logger.debug(
      {
        requestId: request.id,
        method: request.method,
        url: request.url,
        status: reply.statusCode,
        ms: reply.elapsedTime,
      },
      'answered',
    )
  })

  await app.register(cookie)
  await app.register(helmet, SECURITY_HEADERS)
  await app.register(swagger, {
    openapi: openApiInfo(version),
    transform: jsonSchemaTransform,
    transformObject: withUsedComponents,
  })
  return app
}
