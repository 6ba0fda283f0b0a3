import { setTimeout as delay } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import type { Logger } from '../logger/logger.ts'
import { postgresErrors } from './errors.ts'

export interface PoolOptions {
  /** Most connections at once. Default 10. */
  max?: number
  logger: Logger
  /** Shown in pg_stat_activity. Default `millrace`. */
  applicationName?: string
  /** A statement that runs longer is cancelled by the server. Default 30 s; 0: never. */
  statementTimeoutMs?: number
  /** Waiting for a free or a new connection. Default 5 s. */
  connectTimeoutMs?: number
}

/** A connection pool that survives a restart of the server: broken idle connections are logged and replaced. */
export function createPool(url: string, options: PoolOptions): Pool {
  const { statementTimeoutMs = 30_000 } = options
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'millrace',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    // The server answers a cancelled statement; this is for a server that answers nothing any more.
    query_timeout: statementTimeoutMs === 0 ? undefined : statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 60_000,
  })
  // Without a listener an idle connection that breaks ends the process.
  pool.on('error', (error) => options.logger.warn({ err: error }, 'an idle database connection broke'))
  return pool
}

/** Resolves when the server answers a query. Throws POSTGRES_UNREACHABLE after `timeoutMs` (default 30 s). */
export async function waitForDatabase(
  url: string,
  { timeoutMs = 30_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<void> {
  const until = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select 1')
      return
    } catch (error) {
      if (performance.now() >= until) {
        const { hostname, port } = new URL(url)
        throw postgresErrors.UNREACHABLE(
          { address: `${hostname}:${port || '5432'}`, waitedMs: timeoutMs, reason: (error as Error).message },
          error,
        )
      }
    } finally {
      await client.end().catch(() => {})
    }
    await delay(100, undefined, { signal })
  }
}
