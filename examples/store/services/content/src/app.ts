import type { CacheManager } from '@millrace/cache'
import type { Logger } from '@millrace/core'
import { createService } from '@millrace-store/store/fastify'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { commentRoutes } from './routes/comments.ts'
import { feedRoutes } from './routes/feed.ts'
import { videoRoutes } from './routes/videos.ts'
import { wikiRoutes } from './routes/wiki.ts'

/** What the routes need; made in main.ts, and in the tests. */
export interface ContentContext {
  logger: Logger
  database: Pool
  cache: CacheManager
}

export function buildContent(context: ContentContext): FastifyInstance {
  const app = createService(context)
  feedRoutes(app, context)
  commentRoutes(app, context)
  wikiRoutes(app, context)
  videoRoutes(app, context)
  return app
}
