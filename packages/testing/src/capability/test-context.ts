import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  coreErrors,
  createEventBus,
  createPorts,
  silentLogger,
  systemClock,
  type CapabilityContext,
  type Clock,
  type EventBus,
  type JobQueue,
  type Logger,
  type Ports,
  type RuntimeLink,
} from '@millrace/core'
import { createInstruments, MetricRegistry, type Instruments, type MetricTable } from '@millrace/core/metrics'
import { createPostgresJobQueue } from '@millrace/core/jobs'
import { createPool } from '@millrace/core/postgres'
import type { RedisSettings } from '@millrace/core/redis'
import type { Pool } from 'pg'
import type { z } from 'zod'

/** What a context needs to know of the capability it is for. */
export interface ContextSubject<Config extends z.ZodType, Metrics extends MetricTable> {
  name: string
  config: Config
  metrics: Metrics
}

export interface TestContextOptions<Config extends z.ZodType> {
  /** As written in a configuration file: defaults are filled in. Default: `{}`. */
  config?: z.input<Config>
  /** Connection string, of a `testDatabase()` for instance. Default: none, and every query fails. */
  databaseUrl?: string
  clock?: Clock
  logger?: Logger
  ports?: Ports
  events?: EventBus
  /** Default: a link that is not connected, as without a supervisor. */
  runtime?: RuntimeLink
  registry?: MetricRegistry
  /** Default: none. */
  redis?: RedisSettings
}

export interface TestContext<Config, Metrics extends MetricTable> extends AsyncDisposable {
  context: CapabilityContext<Config, Instruments<Metrics>>
  registry: MetricRegistry
  /** Aborts the context's signal, as when the control plane begins to stop. */
  abort(): void
  /** Ends the pool and the queue, removes the folder. */
  close(): Promise<void>
}

/** A complete context for `create`, made of the real parts, with a data folder of its own. */
export async function createTestContext<Config extends z.ZodType, const Metrics extends MetricTable>(
  capability: ContextSubject<Config, Metrics>,
  options: TestContextOptions<Config> = {},
): Promise<TestContext<z.output<Config>, Metrics>> {
  const { logger = silentLogger, registry = new MetricRegistry() } = options
  // Before anything is opened: it may throw.
  const config = capability.config.parse(options.config ?? {})
  const dataDir = await mkdtemp(join(tmpdir(), `millrace-test-${capability.name}-`))
  const controller = new AbortController()
  // Port 1 of loopback refuses at once: a database that is not there.
  const url = options.databaseUrl ?? 'postgres://nobody@127.0.0.1:1/none'
  const database: Pool = createPool(url, { logger, max: 5, applicationName: `test-${capability.name}` })
  const jobs = lazyJobQueue(() => createPostgresJobQueue({ url, logger, pollMs: 500 }))
  const context: CapabilityContext<z.output<Config>, Instruments<Metrics>> = {
    name: capability.name,
    config,
    logger,
    metrics: createInstruments(registry, capability.name, capability.metrics),
    ports: options.ports ?? createPorts(),
    events: options.events ?? createEventBus(logger),
    jobs,
    clock: options.clock ?? systemClock,
    database,
    redis: options.redis,
    dataDir,
    runtime: options.runtime ?? disconnectedRuntime,
    signal: controller.signal,
  }
  const close = async (): Promise<void> => {
    controller.abort()
    await jobs.stop({ deadlineMs: 1_000 })
    await database.end()
    await rm(dataDir, { recursive: true, force: true })
  }
  let closed: Promise<void> | undefined
  const test: TestContext<z.output<Config>, Metrics> = {
    context,
    registry,
    abort: () => controller.abort(new Error('the control plane is stopping')),
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => test.close(),
  }
  return test
}

/** The control plane's view when no supervisor started it. */
export const disconnectedRuntime: RuntimeLink = {
  connected: false,
  components: () => [],
  call: (host, method) =>
    Promise.reject(coreErrors.RUNTIME_UNAVAILABLE({ host, method, reason: 'there is none in this test' })),
  onChange: () => () => undefined,
}

/** Most capabilities enqueue nothing: the queue is opened by the first that does. */
function lazyJobQueue(open: () => Promise<JobQueue>): JobQueue {
  let opened: Promise<JobQueue> | undefined
  const queue = (): Promise<JobQueue> => (opened ??= open())
  return {
    enqueue: async (name, data, options) => (await queue()).enqueue(name, data, options),
    handle: async (name, handler) => (await queue()).handle(name, handler),
    schedule: async (name, cron, data) => (await queue()).schedule(name, cron, data),
    counts: async () => (await queue()).counts(),
    stop: async (options) => {
      const made = await opened?.catch(() => undefined)
      await made?.stop(options)
    },
  }
}
