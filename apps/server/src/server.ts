import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createPorts,
  platformConfig,
  redisTopology,
  systemClock,
  type JobQueue,
  type PlatformConfig,
} from '@millrace/core'
import { createInstruments, MetricRegistry, type MetricTable } from '@millrace/core/metrics'
import { createPool, migrate, waitForDatabase } from '@millrace/core/postgres'
import { scheduleRetention } from './audit/retention.ts'
import { createMounts, type MakeContext } from './capabilities/mounts.ts'
import { createCoordination } from './coordination/coordination.ts'
import { MIGRATIONS, SCHEMA } from './database/migrations.ts'
import { serverErrors } from './errors.ts'
import { createApp, type App } from './http/app.ts'
import { settleWithin } from './http/within.ts'
import { recordProcess } from './metrics/process-metrics.ts'
import { reportOwnMetrics } from './metrics/self-report.ts'
import type { ServerOptions, StartedServer } from './options.ts'
import { mountRoutes } from './routing.ts'
import { announceComponentChanges } from './runtime/component-events.ts'
import { noRuntime } from './runtime/ipc-link.ts'
import { createConfigTree } from './settings/config-tree.ts'

export interface Server {
  /** For `inject` in tests, and for what a host of ours wants to add. */
  readonly app: App
  /** The OpenAPI 3.1 document; available before the start. */
  openApi(): object
  /**
   * Listens, waits up to a minute for the database, brings its schema up to date, starts the capabilities. Health and
   * static files answer from the beginning. Rejects when the database stays away or the port is taken.
   */
  start(listen: { host: string; port: number }): Promise<StartedServer>
  /** Ends streams, finishes open requests, disposes the capabilities. Never rejects; default deadline 10,000 ms. */
  stop(options?: { deadlineMs?: number }): Promise<void>
}

const DATABASE_WAIT_MS = 60_000
const CLEAN_UP_MS = 3_600_000
const DEFAULT_PANEL = fileURLToPath(new URL('../../admin/dist', import.meta.url))

async function versionOf(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}

/** A control plane with whatever capabilities it is given. Nothing is opened before `start`. */
export async function createServer(given: ServerOptions): Promise<Server> {
  const options = { clock: systemClock, runtime: noRuntime, panelDir: DEFAULT_PANEL, ...given }
  const { clock, runtime, logger } = options
  const version = await versionOf()
  const stopping = new AbortController()
  const registry = new MetricRegistry()
  const coordination = await createCoordination({
    config: options.config,
    databaseUrl: options.databaseUrl,
    logger,
    clock,
  })
  const { events } = coordination
  const ports = createPorts()
  const pool = createPool(options.databaseUrl, {
    logger,
    max: options.config.postgres.maxConnections,
    applicationName: 'millrace-control-plane',
  })
  const mounts = createMounts(options.capabilities, logger, clock)
  const config = createConfigTree({
    sections: [...mounts.capabilities, { name: 'server', config: platformConfig.shape.server }],
    config: options.config,
    origins: options.origins ?? {},
  })
  const settings = config.of('server') as PlatformConfig['server']
  let jobs: JobQueue | undefined
  let started = false
  const app = await createApp({ logger, version, mounted: (name) => mounts.find(name) !== undefined })
  const stores = await mountRoutes(app, {
    options,
    version,
    pool,
    registry,
    mounts,
    config,
    events,
    ports,
    runtime,
    pingRedis: coordination.pingRedis,
    jobs: () => jobs,
    started: () => started,
    stopping: stopping.signal,
  })
  await app.ready()

  const makeContext = async (capability: Parameters<MakeContext>[0]) => {
    const { name } = capability
    if (jobs === undefined) throw serverErrors.NOT_STARTED({})
    const dataDir = join(options.dataDir, name)
    await mkdir(dataDir, { recursive: true })
    return {
      name,
      config: config.validated(name),
      logger: logger.child({ capability: name }),
      metrics: createInstruments(registry, name, capability.metrics as MetricTable),
      ports,
      events,
      jobs,
      clock,
      database: pool,
      redis: redisTopology(options.config.redis) === undefined ? undefined : options.config.redis,
      dataDir,
      runtime,
      signal: stopping.signal,
    }
  }

  const prepareDatabase = async (): Promise<string | undefined> => {
    await waitForDatabase(options.databaseUrl, { timeoutMs: DATABASE_WAIT_MS, signal: stopping.signal })
    const applied = await migrate(pool, SCHEMA, MIGRATIONS)
    if (applied.length > 0) logger.info({ applied }, 'the database schema was brought up to date')
    await stores.cookie.load()
    await stores.settings.load()
    return stores.users.ensureAdministrator(options.config.server.adminPassword)
  }

  const stops: (() => void)[] = []
  let stopped: Promise<void> | undefined

  const stopAll = async (deadlineMs: number): Promise<void> => {
    const until = clock.monotonic() + deadlineMs
    const left = (): number => Math.max(0, until - clock.monotonic())
    stopping.abort(new Error('the control plane stops'))
    for (const stop of stops) stop()
    // Open requests get half of the time; what is left belongs to the capabilities.
    const closed = app.close()
    await settleWithin(closed, deadlineMs / 2, clock)
    app.server.closeAllConnections()
    await mounts.stop(left() * 0.8)
    await settleWithin(
      Promise.allSettled([
        jobs?.stop({ deadlineMs: left() / 2 }),
        stores.incidents.stop(),
        stores.audit.stop(),
      ]),
      left(),
      clock,
    )
    await settleWithin(Promise.allSettled([pool.end(), coordination.close()]), left(), clock)
  }

  return {
    app,
    openApi: () => app.swagger(),
    start: async ({ host, port }) => {
      const url = await app.listen({ host, port })
      const generatedPassword = await prepareDatabase()
      await coordination.connect()
      jobs = await coordination.openJobs()
      await scheduleRetention({
        jobs,
        audit: stores.audit,
        incidents: stores.incidentStore,
        historyDays: () => settings.historyDays,
        clock,
        logger,
      })
      await stores.incidents.start()
      stops.push(
        announceComponentChanges(runtime, events),
        recordProcess(registry),
        reportOwnMetrics(registry, ports, clock),
        clock.every(CLEAN_UP_MS, () => {
          stores.sessions
            .removeExpired()
            .catch((error: unknown) => logger.warn({ err: error }, 'expired sessions could not be removed'))
        }),
      )
      await mounts.start(makeContext)
      started = true
      logger.info({ url, capabilities: mounts.capabilities.length }, 'the control plane is ready')
      return { url, ...(generatedPassword === undefined ? {} : { generatedPassword }) }
    },
    stop: ({ deadlineMs = 10_000 } = {}) => (stopped ??= stopAll(deadlineMs)),
  }
}
