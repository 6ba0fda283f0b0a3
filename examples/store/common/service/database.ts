import type { Logger } from '@millrace/core'
import { Pool } from 'pg'

/** A request must not wait longer than a visitor would. */
export const STATEMENT_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 3_000

export interface PoolOptions {
  url: string
  /** Shown in pg_stat_activity. */
  name: string
  /** Default 10. */
  maxConnections?: number
  logger: Logger
}

/** Connections are opened on demand, so that a service starts, and says that it is not ready, without a database. */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
  })
  // An idle connection that breaks would otherwise end the process; the pool replaces it by itself.
  pool.on('error', (error) => options.logger.warn({ err: error }, 'idle database connection lost'))
  return pool
}
