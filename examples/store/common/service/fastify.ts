import type { CacheManager } from '@millrace/cache'
import { PROBLEM_CONTENT_TYPE, type Logger } from '@millrace/core'
import { processRegistry, PROMETHEUS_CONTENT_TYPE, toPrometheus } from '@millrace/core/metrics'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { storeErrors } from './errors.ts'
import { checkReadiness } from './health.ts'
import { describeProblem } from './problem.ts'

export interface ServiceOptions {
  logger: Logger
  database: Pool
  cache?: Pick<CacheManager, 'sharedStatus'>
}

/** What the three Fastify services have in common: problem documents for every error, health and metrics. */
export function createService({ logger, database, cache }: ServiceOptions): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024, routerOptions: { maxParamLength: 200 } })

  app.setErrorHandler((error, request, reply) => {
    const problem = describeProblem(error, request.url, logger)
    return reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem)
  })
  app.setNotFoundHandler((request) => {
    throw storeErrors.ROUTE_NOT_FOUND({ method: request.method, path: request.url })
  })

  app.get('/health', () => ({ status: 'up', uptimeSeconds: Math.round(process.uptime()) }))
  app.get('/health/ready', async (_request, reply) => {
    const readiness = await checkReadiness(database, cache)
    return reply.code(readiness.ready ? 200 : 503).send(readiness)
  })
  // The same numbers that the agent sends to the platform, for whoever wants to scrape them.
  app.get('/metrics', (_request, reply) =>
    reply.type(PROMETHEUS_CONTENT_TYPE).send(toPrometheus(processRegistry().collect())),
  )
  return app
}
