import { randomUUID } from 'node:crypto'
import type * as Bullmq from 'bullmq'
import type { Queue } from 'bullmq'
import { systemClock } from '../clock/clock.ts'
import { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import type { RedisConnection } from '../redis/connection.ts'
import {
  checkData,
  checkFields,
  checkName,
  cronInvalid,
  DEFAULT_DEAD_AFTER_MS,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUT_MS,
  reasonOf,
  STOP_MARGIN_MS,
  withDeadline,
} from './limits.ts'
import type { JobHandler, JobOptions, JobQueue } from './queue.ts'
import { warnOfEviction } from './redis-eviction.ts'
import { RedisWorkers, type StoredJob } from './redis-workers.ts'

export interface RedisJobQueueOptions {
  /** `connectRedis` with the settings. Called once. */
  connect: (purpose: string) => RedisConnection
  logger: Logger
  /** Before every key; in a Cluster its braces keep them together. Default `{millrace:jobs}`. */
  prefix?: string
  /** A process that has not been heard from for so long is dead, and its jobs are tried again. Default 60,000. */
  deadAfterMs?: number
}

/** Failed jobs stay visible as long as with the other driver, and are not kept without a limit. */
const KEEP_FAILED = { age: 7 * 24 * 3_600, count: 10_000 }
const KEEP_COMPLETED = { count: 100 }

/**
 * The job queue on Redis, through BullMQ. Jobs survive crashes of the process; that they survive those of the server is a
 * matter of its settings (`appendonly yes`, `maxmemory-policy noeviction`). While the server is away `enqueue` rejects with
 * CORE_JOBS_UNAVAILABLE, also at the start, and handlers wait; schedules are set whenever a connection is made. A job
 * may run more than once when a process or the server is lost while it runs.
 */
export async function createRedisJobQueue(options: RedisJobQueueOptions): Promise<JobQueue> {
  const { logger, prefix = '{millrace:jobs}', deadAfterMs = DEFAULT_DEAD_AFTER_MS } = options
  // Only here, so that nobody loads it who has no Redis.
  const bullmq = await import('bullmq')
  const connection = options.connect('jobs')
  const names = `${prefix}:queues`
  const queues = new Map<string, Queue>()
  const handlers = new Map<string, JobHandler<never>>()
  const schedules = new Map<string, { cron: string; data: object }>()
  let away = false
  let refused: string | undefined

  const onError = (error: Error): void => {
    // Every worker reports the same outage, again and again: the first one is enough.
    logger[away ? 'debug' : 'warn']({ err: error }, 'the job queue met an error')
    away = true
  }

  const workers = new RedisWorkers({
    bullmq,
    connection,
    prefix,
    deadAfterMs,
    handlerOf: (name) => handlers.get(name)!,
    onError,
    logger,
  })

  const queueOf = (name: string): Queue => {
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = new bullmq.Queue(name, {
        connection: connection.client,
        prefix,
        skipVersionCheck: true,
        skipMetasUpdate: true,
      })
      queue.on('error', onError)
      queues.set(name, queue)
    }
    return queue
  }

  const reached = async <Result>(queue: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      if (!connection.ready) throw new Error(refused ?? `${connection.address} does not answer`)
      const result = await withDeadline(work())
      away = false
      return result
    } catch (error) {
      if (error instanceof MillraceError) throw error
      throw coreErrors.JOBS_UNAVAILABLE({ queue, reason: reasonOf(error) }, error)
    }
  }
  const register = (name: string): Promise<unknown> => connection.client.sadd(names, name)
  const setSchedule = async (name: string, { cron, data }: { cron: string; data: object }): Promise<void> => {
    await register(name)
    const stored: StoredJob = { data, timeoutMs: DEFAULT_TIMEOUT_MS }
    const repeat = { pattern: cron, tz: 'UTC' }
    await queueOf(name).upsertJobScheduler(name, repeat, { name, data: stored, opts: jobOptions({}) })
  }

  /** What has to be there whatever became of the server. */
  const restore = async (): Promise<void> => {
    try {
      await warnOfEviction(connection, logger)
      for (const name of handlers.keys()) await register(name)
      for (const [name, schedule] of schedules) await setSchedule(name, schedule)
    } catch (error) {
      onError(error as Error)
    }
  }
  connection.onReady((ready) => {
    if (ready) void restore()
  })

  const stop = async (deadlineMs: number): Promise<void> => {
    await workers.stop(deadlineMs)
    const closed = Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    await settlesWithin(closed, STOP_MARGIN_MS, systemClock)
    await connection.close()
  }

  try {
    if (!(await connection.opened())) onError(new Error(`${connection.address} does not answer`))
  } catch (error) {
    refused = reasonOf(error)
    logger.error({ err: error }, 'the job queue cannot be used')
  }

  let stopped: Promise<void> | undefined
  return {
    enqueue: async (name, data, given = {}) => {
      checkName(name)
      checkData(data)
      return reached(name, async () => {
        await register(name)
        const stored: StoredJob = { data, timeoutMs: given.timeoutMs ?? DEFAULT_TIMEOUT_MS }
        const jobId = randomUUID()
        const job = await queueOf(name).add(name, stored, { ...jobOptions(given), jobId })
        return job.id === jobId ? jobId : null
      })
    },

    handle: async (name, handler) => {
      checkName(name)
      const working = handlers.has(name)
      handlers.set(name, handler)
      if (working) return
      workers.add(name)
      if (connection.ready) await register(name).catch(onError)
    },

    schedule: async (name, cron, data = {}) => {
      checkName(name)
      checkData(data)
      checkCron(bullmq, cron)
      schedules.set(name, { cron, data })
      if (connection.ready) await setSchedule(name, { cron, data }).catch(onError)
    },

    counts: () =>
      reached(prefix, async () => {
        const found = await connection.client.smembers(names)
        return Promise.all(found.sort().map((name) => countJobs(name, queueOf(name))))
      }),

    stop: ({ deadlineMs = 10_000 } = {}) => (stopped ??= stop(deadlineMs)),
  }
}

const jobOptions = (options: JobOptions): object => ({
  attempts: (options.retries ?? DEFAULT_RETRIES) + 1,
  backoff: { type: 'custom' },
  removeOnComplete: KEEP_COMPLETED,
  removeOnFail: KEEP_FAILED,
  ...(options.delayMs === undefined || options.delayMs <= 0 ? {} : { delay: options.delayMs }),
  ...(options.singletonKey === undefined ? {} : { deduplication: { id: options.singletonKey } }),
})

function checkCron({ defaultRepeatStrategy }: typeof Bullmq, cron: string): void {
  checkFields(cron)
  try {
    if (defaultRepeatStrategy(Date.now(), { pattern: cron, tz: 'UTC' }) === undefined) throw cronInvalid(cron)
  } catch (error) {
    throw error instanceof MillraceError ? error : cronInvalid(cron, error)
  }
}

async function countJobs(queue: string, from: Queue) {
  const [counts, scheduled] = await Promise.all([
    from.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed'),
    from.getJobSchedulersCount(),
  ])
  const { wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts
  // The next run of each schedule stands among the delayed ones.
  return { queue, waiting: wait + prioritized + Math.max(0, delayed - scheduled), active, failed }
}
