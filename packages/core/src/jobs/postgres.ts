import { randomUUID } from 'node:crypto'
import { PgBoss, type JobWithMetadata } from 'pg-boss'
import { systemClock } from '../clock/clock.ts'
import { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import { createPool } from '../postgres/pool.ts'
import { startListener } from './listener.ts'
import { reasonNotStorable } from './storable.ts'
import type { JobCounts, JobHandler, JobOptions, JobQueue } from './queue.ts'

export interface PostgresJobQueueOptions {
  /** Connection string of a role that may create a schema. */
  url: string
  logger: Logger
  /** Default `millrace_jobs`. */
  schema?: string
  /** Connections, besides the one that listens for new jobs. Default 4. */
  maxConnections?: number
  /** How often a worker looks for jobs that no notification announced, such as retries. Default 2,000, at least 500. */
  pollMs?: number
}

const JOB_NAME = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/
const DEFAULT_RETRIES = 3
const DEFAULT_TIMEOUT_MS = 15 * 60_000
/** A retry waits 1, 2, 4 … seconds with jitter, at most this long. */
const MAX_RETRY_DELAY_S = 300
/** Of each call to the database on somebody’s behalf. A job may have been accepted although its answer was late. */
const CALL_TIMEOUT_MS = 10_000
/** For the farewells after the handlers’ own deadline. */
const STOP_MARGIN_MS = 2_000
/** A worker process that has not been heard from for so long is dead, and its job is tried again. */
const HEARTBEAT_S = 60

/**
 * The job queue on PostgreSQL, through pg-boss. Jobs survive crashes and restarts of the process and of the database: while the
 * database is away `enqueue` rejects with CORE_JOBS_UNAVAILABLE and handlers wait; both go on when it is back. Failed jobs
 * (retries used up) stay visible in `counts()` for seven days. Rejects when the database cannot be reached at the start.
 */
export async function createPostgresJobQueue(options: PostgresJobQueueOptions): Promise<JobQueue> {
  const { logger, schema = 'millrace_jobs' } = options
  const pool = createPool(options.url, {
    logger,
    max: options.maxConnections ?? 4,
    applicationName: 'millrace-jobs',
    // Migrations and the rebuilding of indexes take longer than a request may.
    statementTimeoutMs: 120_000,
  })
  const boss = new PgBoss({
    db: {
      executeSql: (text, values) => pool.query(text, values),
      listen: (channel, onNotification, onReconnect) =>
        startListener({ url: options.url, channel, onNotification, onReconnect }),
    },
    schema,
    useListenNotify: true,
    monitorIntervalSeconds: 30,
  })
  let databaseAway = false
  boss.on('error', (error) => {
    // Every worker and timer reports the same outage, again and again: the first one is enough.
    logger[databaseAway ? 'debug' : 'warn']({ err: error }, 'the job queue met an error')
    databaseAway = true
  })
  boss.on('warning', ({ message, data }) => logger.debug({ data }, message))
  try {
    await boss.start()
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined)
    await pool.end()
    throw coreErrors.JOBS_UNAVAILABLE({ queue: schema, reason: reasonOf(error) }, error)
  }

  const queues = new Map<string, Promise<void>>()
  /** Makes the queue on its first use; a failure is forgotten, so that the next use tries again. */
  const prepare = async (name: string): Promise<void> => {
    if (!JOB_NAME.test(name)) {
      throw coreErrors.JOB_INVALID({ field: 'name', value: name, accepted: '<capability>.<job>' })
    }
    let made = queues.get(name)
    if (made === undefined) {
      made = boss.createQueue(name, {
        // One waiting or running job per key.
        policy: 'exclusive',
        notify: true,
        heartbeatSeconds: HEARTBEAT_S,
        retryLimit: DEFAULT_RETRIES,
        retryBackoff: true,
        retryDelay: 1,
        retryDelayMax: MAX_RETRY_DELAY_S,
        expireInSeconds: DEFAULT_TIMEOUT_MS / 1_000,
      })
      queues.set(name, made)
      made.catch(() => queues.delete(name))
    }
    await made
  }
  const reached = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      const result = await withDeadline(work())
      databaseAway = false
      return result
    } catch (error) {
      if (error instanceof MillraceError) throw error
      throw coreErrors.JOBS_UNAVAILABLE({ queue: name, reason: reasonOf(error) }, error)
    }
  }

  const handlers = new Map<string, JobHandler<never>>()
  const stop = async (deadlineMs: number): Promise<void> => {
    try {
      // pg-boss waits a second at least.
      await boss.stop({ graceful: true, timeout: deadlineMs })
    } finally {
      await pool.end()
    }
  }
  // A database that does not answer must not hold up the end; what was running is tried again by its heartbeat.
  const stopInTime = async (deadlineMs: number): Promise<void> => {
    const inTime = await settlesWithin(stop(deadlineMs), deadlineMs + STOP_MARGIN_MS, systemClock)
    if (!inTime) logger.warn({ deadlineMs }, 'the job queue did not stop in time')
  }
  let stopped: Promise<void> | undefined
  return {
    enqueue: (name, data, jobOptions = {}) =>
      reached(name, async () => {
        await prepare(name)
        const reason = reasonNotStorable(data)
        if (reason !== undefined) {
          throw coreErrors.JOB_INVALID({ field: 'data', value: reason, accepted: 'JSON that can be stored' })
        }
        return boss.send(name, data, sendOptions(jobOptions))
      }),

    handle: <Data extends object>(name: string, handler: JobHandler<Data>) =>
      reached(name, async () => {
        const working = handlers.has(name)
        handlers.set(name, handler)
        if (working) return
        try {
          await prepare(name)
          const seconds = Math.max(0.5, (options.pollMs ?? 2_000) / 1_000)
          await boss.work(
            name,
            { includeMetadata: true, pollingIntervalSeconds: seconds, notifyPollingIntervalSeconds: seconds },
            async ([job]: JobWithMetadata<Data>[]) => run(job!, handlers.get(name)!, logger),
          )
        } catch (error) {
          handlers.delete(name)
          throw error
        }
      }),

    schedule: (name, cron, data = {}) =>
      reached(name, async () => {
        checkCron(boss, cron)
        await prepare(name)
        await boss.schedule(name, cron, data, { tz: 'UTC' })
      }),

    counts: () => reached(schema, () => countJobs(boss, schema)),

    stop: ({ deadlineMs = 10_000 } = {}) => (stopped ??= stopInTime(deadlineMs)),
  }
}

async function withDeadline<Result>(work: Promise<Result>): Promise<Result> {
  if (await settlesWithin(work, CALL_TIMEOUT_MS, systemClock)) return work
  throw new Error(`no answer within ${CALL_TIMEOUT_MS} ms`)
}

function checkCron(boss: PgBoss, cron: string): void {
  try {
    boss.previewSchedule(cron, { tz: 'UTC', count: 1 })
  } catch (error) {
    const accepted = 'a cron expression of five fields, such as 0 3 * * *'
    throw coreErrors.JOB_INVALID({ field: 'schedule', value: cron, accepted }, error)
  }
}

function sendOptions(options: JobOptions): object {
  return {
    // The queue's policy takes jobs without a key for one and the same; a key of its own keeps each apart.
    singletonKey: options.singletonKey ?? `job-${randomUUID()}`,
    retryLimit: options.retries ?? DEFAULT_RETRIES,
    expireInSeconds: Math.max(1, Math.ceil((options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1_000)),
    ...(options.delayMs === undefined || options.delayMs <= 0
      ? {}
      : { startAfter: new Date(Date.now() + options.delayMs) }),
  }
}

async function run(
  job: JobWithMetadata<object>,
  handler: JobHandler<never>,
  logger: Logger,
): Promise<unknown> {
  try {
    const result = await handler(job.data as never, { id: job.id, signal: job.signal })
    // Done is done: an answer that cannot be kept must not have the job run again.
    const reason = reasonNotStorable(result)
    if (reason === undefined) return result ?? null
    logger.warn({ job: job.name, id: job.id, reason }, 'the result of a job cannot be stored')
    return null
  } catch (error) {
    const dead = job.retryCount >= job.retryLimit
    const facts = { err: error as unknown, job: job.name, id: job.id, attempt: job.retryCount + 1 }
    if (dead) logger.error(facts, 'a job failed for the last time')
    else logger.warn(facts, 'a job failed and will be tried again')
    throw error
  }
}

/** From the table itself: pg-boss’s own figures are up to a minute old. */
async function countJobs(boss: PgBoss, schema: string): Promise<JobCounts[]> {
  const sql = `
    select q.name as queue,
      count(*) filter (where j.state in ('created', 'retry'))::int as waiting,
      count(*) filter (where j.state = 'active')::int as active,
      count(*) filter (where j.state = 'failed')::int as failed
    from ${schema}.queue q left join ${schema}.job j on j.name = q.name
    where q.name not like '\\_\\_pgboss\\_\\_%'
    group by q.name order by q.name`
  const { rows } = await boss.getDb().executeSql(sql)
  return rows as JobCounts[]
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
