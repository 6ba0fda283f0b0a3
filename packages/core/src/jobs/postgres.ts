import { randomUUID } from 'node:crypto'
import { PgBoss, type JobWithMetadata } from 'pg-boss'
import { systemClock } from '../clock/clock.ts'
import { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import { createPool } from '../postgres/pool.ts'
import { startListener } from '../postgres/listener.ts'
import {
  checkData,
  checkFields,
  checkName,
  cronInvalid,
  DEFAULT_DEAD_AFTER_MS,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUT_MS,
  MAX_RETRY_DELAY_MS,
  reasonOf,
  STOP_MARGIN_MS,
  withDeadline,
} from './limits.ts'
import { runHandler } from './run-handler.ts'
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
  /**
   * A process that has not been heard from for so long is dead, and its jobs are tried again. In whole seconds; default
   * 60,000, at least 10,000. Looked for four times as often.
   */
  deadAfterMs?: number
}

/**
 * The job queue on PostgreSQL, through pg-boss. Jobs survive crashes and restarts of the process and of the database: while the
 * database is away `enqueue` rejects with CORE_JOBS_UNAVAILABLE and handlers wait; both go on when it is back. Failed jobs
 * (retries used up) stay visible in `counts()` for seven days. Rejects when the database cannot be reached at the start.
 */
export async function createPostgresJobQueue(options: PostgresJobQueueOptions): Promise<JobQueue> {
  const { logger, schema = 'millrace_jobs' } = options
  const deadAfterS = Math.max(10, Math.ceil((options.deadAfterMs ?? DEFAULT_DEAD_AFTER_MS) / 1_000))
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
        startListener({
          url: options.url,
          channel,
          applicationName: 'millrace-jobs-listener',
          onNotification,
          onReconnect,
        }),
    },
    schema,
    useListenNotify: true,
    monitorIntervalSeconds: 30,
    superviseIntervalSeconds: Math.min(60, Math.ceil(deadAfterS / 4)),
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
    checkName(name)
    let made = queues.get(name)
    if (made === undefined) {
      made = boss.createQueue(name, {
        // One waiting or running job per key.
        policy: 'exclusive',
        notify: true,
        heartbeatSeconds: deadAfterS,
        retryLimit: DEFAULT_RETRIES,
        retryBackoff: true,
        retryDelay: 1,
        retryDelayMax: MAX_RETRY_DELAY_MS / 1_000,
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
        checkData(data)
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
            async ([job]: JobWithMetadata<Data>[]) => {
              const { id, data, retryCount, retryLimit, signal } = job!
              const attempt = { number: retryCount + 1, of: retryLimit + 1 }
              return runHandler({ name, id, data, signal, attempt }, handlers.get(name)!, logger)
            },
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

function checkCron(boss: PgBoss, cron: string): void {
  checkFields(cron)
  try {
    boss.previewSchedule(cron, { tz: 'UTC', count: 1 })
  } catch (error) {
    throw cronInvalid(cron, error)
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
