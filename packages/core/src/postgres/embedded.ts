import { createHmac } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { Client } from 'pg'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/clock.ts'
import type { ComponentStatus } from '../host/host.ts'
import type { Logger } from '../logger/logger.ts'
import { allocatePort, isPortFree } from '../process/free-port.ts'
import { processIdentity } from '../process/process-table.ts'
import type { RunFiles } from '../process/run-file.ts'
import { SupervisedProcess } from '../process/supervised-process.ts'
import { findPostgresBinaries, type PostgresBinaries } from './binaries.ts'
import { clusterPaths, createCluster, runAs, SERVER_ENVIRONMENT, SUPERUSER } from './cluster.ts'
import { checkDatabaseName, createOwnedDatabase } from './database.ts'
import { postgresErrors } from './errors.ts'
import { clearLeftovers } from './leftover.ts'
import { serverArguments, serverLogger } from './server.ts'
import { databaseUser } from './system-user.ts'

export interface EmbeddedPostgresOptions {
  /** A folder of its own; made when missing. Holds the cluster, its password (mode 0600) and its port. */
  dataDir: string
  logger: Logger
  clock?: Clock
  /** Component id. Default `postgres`. */
  id?: string
  runFiles?: RunFiles
  /** Default: those that npm installed for this platform. */
  binaries?: PostgresBinaries
  /** Merged over the server's own settings: `{ shared_buffers: '1GB' }`. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  /** Connection string of the superuser. Valid as long as this object: the port never changes. */
  url(database: string): string
  readonly port: number
  /** Undefined while it is being started again. */
  readonly pid: number | undefined
  status(): ComponentStatus
  onChange(listener: (status: ComponentStatus) => void): () => void
  /** Called with the reason after each end that nobody asked for. It is being started again already. */
  onExit(listener: (reason: string) => void): () => void
  /**
   * Makes a database and a role of the same name that owns it and can enter no other; existing ones are kept. Returns the
   * connection string of that role. Throws POSTGRES_NAME_INVALID.
   */
  createDatabase(name: string): Promise<string>
  /** Fast shutdown; by force after the deadline, which is safe but costs the next start a recovery. */
  stop(options: { deadlineMs: number }): Promise<void>
}

const START_ATTEMPTS = 5
const HOST = '127.0.0.1'

/**
 * Starts a PostgreSQL 18 of our own: durable settings, UTF-8, SCRAM with a random password, only on 127.0.0.1, no socket
 * file. It is kept alive: after a crash it comes back on the same port. The port of the last run is taken again
 * when it is free. Throws POSTGRES_IN_USE, POSTGRES_START_FAILED and what `databaseUser` throws.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger, clock = systemClock } = options
  mkdirSync(options.dataDir, { recursive: true, mode: 0o711 })
  const dataDir = realpathSync(options.dataDir)
  const paths = clusterPaths(dataDir)
  const binaries = options.binaries ?? (await findPostgresBinaries())
  const user = databaseUser(paths.cluster, binaries.postgres)
  const before = readState(paths.state)
  if (before?.owner !== undefined && before.owner.pid !== process.pid) {
    if (processIdentity(before.owner.pid) === before.owner.identity) {
      throw postgresErrors.IN_USE({ dataDir, pid: before.owner.pid })
    }
  }
  const password = await createCluster(dataDir, binaries, {
    user,
    sync: options.settings?.['fsync'] !== 'off',
    logger,
  })

  let port = before?.port
  let wasReady = false
  const exitListeners = new Set<(reason: string) => void>()
  const changeListeners = new Set<(status: ComponentStatus) => void>()
  let lastFailureAt = 0

  const server = new SupervisedProcess({
    id: options.id ?? 'postgres',
    kind: 'database',
    logger,
    clock,
    // Recovery after a crash replays the write-ahead log first.
    startTimeoutMs: 120_000,
    stopSignal: 'SIGINT',
    backoff: { baseMs: 100, maxMs: 10_000 },
    runFiles: options.runFiles,
    onLine: serverLogger(logger),
    onChange: (status) => {
      for (const listener of changeListeners) listener(status)
      const failure = status.lastFailure
      if (failure === undefined || failure.at === lastFailureAt) return
      lastFailureAt = failure.at
      for (const listener of exitListeners) listener(failure.reason)
    },
    launch: async () => {
      await clearLeftovers(paths.cluster, logger, clock)
      // Before anybody has the address another port is as good; afterwards it must be this one.
      if (!wasReady && (port === undefined || !(await isPortFree(port, HOST)))) port = await allocatePort()
      writeState(paths.state, port!)
      return {
        command: [
          ...(user?.prefix ?? []),
          binaries.postgres,
          ...serverArguments({ cluster: paths.cluster, host: HOST, port: port!, settings: options.settings }),
        ],
        ...runAs(user),
        cwd: dataDir,
        env: SERVER_ENVIRONMENT,
        readiness: { kind: 'probe', check: () => answers(urlFor(SUPERUSER, password, 'postgres')) },
        expectation: 'it accepted no connection',
      }
    },
  })

  const urlFor = (role: string, secret: string, database: string): string =>
    `postgresql://${encodeURIComponent(role)}:${encodeURIComponent(secret)}@${HOST}:${port}/${encodeURIComponent(database)}`
  const url = (database: string): string => urlFor(SUPERUSER, password, database)

  server.start()
  for (let attempt = 1; !wasReady; attempt++) {
    try {
      await server.whenReady()
      wasReady = true
    } catch (error) {
      if (attempt < START_ATTEMPTS) continue
      await server.stop({ deadlineMs: 1_000 })
      const reason = server.status().lastFailure?.reason ?? (error as Error).message
      throw postgresErrors.START_FAILED({ reason, output: server.lastLines().slice(-10) }, error)
    }
  }

  return {
    url,
    get port() {
      return port!
    },
    get pid() {
      return server.status().pid
    },
    status: () => ({ ...server.status(), address: `${HOST}:${port}` }),
    onChange: (listener) => subscribe(changeListeners, listener),
    onExit: (listener) => subscribe(exitListeners, listener),
    createDatabase: async (name) => {
      checkDatabaseName(name)
      const secret = createHmac('sha256', password).update(`role:${name}`).digest('base64url')
      await createOwnedDatabase(url('postgres'), name, secret)
      return urlFor(name, secret, name)
    },
    stop: async ({ deadlineMs }) => {
      await server.stop({ deadlineMs })
      writeState(paths.state, port!, false)
    },
  }
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

interface State {
  port: number
  /** Who supervises the server; absent after an orderly stop. */
  owner?: { pid: number; identity: string | undefined }
}

function readState(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as State
  } catch {
    return undefined
  }
}

function writeState(file: string, port: number, running = true): void {
  const owner = { pid: process.pid, identity: processIdentity(process.pid) }
  writeFileSync(file, JSON.stringify(running ? { port, owner } : { port }), { mode: 0o600 })
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000, query_timeout: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
