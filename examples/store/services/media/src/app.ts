import type { Logger } from '@millrace/core'
import { createService } from '@millrace-store/store/fastify'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { fileRoutes } from './routes/files.ts'
import { uploadRoutes } from './routes/upload.ts'
import type { Storage } from './storage.ts'

/** What the routes need; made in main.ts, and in the tests. */
export interface MediaContext {
  logger: Logger
  database: Pool
  storage: Storage
  /** All uploads together; further ones are refused. */
  maxStoredBytes: number
}

export async function buildMedia(context: MediaContext): Promise<FastifyInstance> {
  const app = createService(context)
  await uploadRoutes(app, context)
  await fileRoutes(app, context)
  return app
}
