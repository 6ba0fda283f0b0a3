import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, type Logger } from '@millrace/core'
import { createPool, startEmbeddedPostgres, type EmbeddedPostgres } from '@millrace/core/postgres'
import type { Pool } from 'pg'
import { watchOver } from './watchdog.ts'

export interface TestDatabase extends AsyncDisposable {
  /** Of the fresh database, as its owner. */
  url: string
  /** On that database; ended by `stop`. */
  pool: Pool
  /** The server itself: its superuser's address, its pid to kill, a way to wait for its return. */
  server: EmbeddedPostgres
  /** Makes another empty database on the same server and returns its address. */
  createDatabase(): Promise<string>
  /** Ends the pool and the server and removes their files. */
  stop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** Server settings: `{ max_connections: '5' }`. */
  settings?: Record<string, string>
  /** Default: silent. */
  logger?: Logger
}

// Nothing of a test outlives the machine, so nothing has to reach the disk. What was committed must still survive a kill
// of the server, which tests do: synchronous_commit stays on.
const FAST = {
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '60',
}

/**
 * A real PostgreSQL server of its own with an empty database, for one test file: call it in `beforeAll` and `stop` in
 * `afterAll`. Takes one to two seconds. Works as root and without any installed PostgreSQL.
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const logger = options.logger ?? silentLogger
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-test-postgres-'))
  // As root the server runs as another user, who must be able to enter.
  await chmod(dataDir, 0o711)
  const release = watchOver(dataDir)
  const remove = async (): Promise<void> => {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
    release()
  }
  let server: EmbeddedPostgres
  try {
    server = await startEmbeddedPostgres({ dataDir, logger, settings: { ...FAST, ...options.settings } })
  } catch (error) {
    await remove()
    throw error
  }
  let databases = 0
  const createDatabase = (): Promise<string> => server.createDatabase(`test_${++databases}`)
  const url = await createDatabase()
  const pool = createPool(url, { logger, max: 5, applicationName: 'millrace-test' })
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await pool.end()
    await server.stop({ deadlineMs: 10_000 })
    await remove()
  }
  const database: TestDatabase = {
    url,
    pool,
    server,
    createDatabase,
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => database.stop(),
  }
  return database
}
