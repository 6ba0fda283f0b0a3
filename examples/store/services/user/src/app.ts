import type { CacheManager } from '@millrace/cache'
import { PROBLEM_CONTENT_TYPE, type Logger } from '@millrace/core'
import { processRegistry, PROMETHEUS_CONTENT_TYPE, toPrometheus } from '@millrace/core/metrics'
import { checkReadiness, describeProblem, storeErrors } from '@millrace-store/store/service'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Pool } from 'pg'
import { notificationRoutes } from './routes/notifications.ts'
import { profileRoutes } from './routes/profiles.ts'
import { searchRoutes } from './routes/search.ts'
import { skillRoutes } from './routes/skills.ts'

/** What the routes need; made in main.ts, and in the tests. */
export interface UserContext {
  logger: Logger
  database: Pool
  cache: CacheManager
}

export function buildUser(context: UserContext): Express {
  const app = express()
  app.disable('x-powered-by')
  // The cache makes entity tags of what it keeps.
  app.disable('etag')
  app.use(express.json({ limit: '64kb' }))

  app.get('/health', (_request, response) => {
    response.json({ status: 'up', uptimeSeconds: Math.round(process.uptime()) })
  })
  app.get('/health/ready', async (_request, response) => {
    const readiness = await checkReadiness(context.database, context.cache)
    response.status(readiness.ready ? 200 : 503).json(readiness)
  })
  // The same numbers that the agent sends to the platform, for whoever wants to scrape them.
  app.get('/metrics', (_request, response) => {
    response.set('content-type', PROMETHEUS_CONTENT_TYPE).send(toPrometheus(processRegistry().collect()))
  })
  app.use(profileRoutes(context), searchRoutes(context), skillRoutes(context), notificationRoutes(context))

  app.use((request) => {
    throw storeErrors.ROUTE_NOT_FOUND({ method: request.method, path: request.originalUrl })
  })
  // Express knows an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const problem = describeProblem(error, request.originalUrl, context.logger)
    return response.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem))
  }
  app.use(onError)
  return app
}
