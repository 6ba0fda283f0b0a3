import type * as Bullmq from 'bullmq'
import type { Job } from 'bullmq'
import { backoffDelay } from '../clock/backoff.ts'
import { systemClock } from '../clock/clock.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import type { RedisConnection } from '../redis/connection.ts'
import { DEFAULT_RETRIES, MAX_RETRY_DELAY_MS, STOP_MARGIN_MS } from './limits.ts'
import type { JobHandler } from './queue.ts'
import { openWorkerClient, type WorkerClient } from './redis-worker-client.ts'
import { runWithTimeout } from './run-handler.ts'

/** What is stored of a job: its data, and the limit that BullMQ has no place for. */
export interface StoredJob {
  data: object
  timeoutMs: number
}

export interface RedisWorkersOptions {
  bullmq: typeof Bullmq
  connection: RedisConnection
  prefix: string
  deadAfterMs: number
  handlerOf: (name: string) => JobHandler<never>
  onError: (error: Error) => void
  logger: Logger
}

/** How often a job may take its process with it before it counts as failed. */
const MAX_CRASHES = DEFAULT_RETRIES
const RETRY_MS = 1_000

/** The workers of one process, one for each name. */
export class RedisWorkers {
  readonly #options: RedisWorkersOptions
  readonly #workers: { close(): Promise<void> }[] = []
  readonly #running = new Map<AbortController, Promise<unknown>>()
  #client: WorkerClient | undefined

  constructor(options: RedisWorkersOptions) {
    this.#options = options
  }

  add(name: string): void {
    const { bullmq, connection, prefix, deadAfterMs, onError, logger } = this.#options
    this.#client ??= openWorkerClient(connection)
    const worker = new bullmq.Worker<StoredJob>(name, (job) => this.#run(name, job), {
      connection: this.#client.client,
      prefix,
      skipVersionCheck: true,
      // Half of the limit each: to be missed, and to be found missing.
      lockDuration: deadAfterMs / 2,
      stalledInterval: deadAfterMs / 2,
      maxStalledCount: MAX_CRASHES,
      runRetryDelay: RETRY_MS,
      settings: {
        backoffStrategy: (attempts) =>
          backoffDelay(attempts - 1, { baseMs: RETRY_MS, maxMs: MAX_RETRY_DELAY_MS, jitter: 0.5 }) +
          RETRY_MS / 2,
      },
    })
    worker.on('error', onError)
    worker.on('failed', (job, error) => {
      // A process that died with it logged nothing.
      if (job === undefined || !/stalled/.test(error.message)) return
      logger.error({ err: error, job: name, id: job.id }, 'a job failed: it ended its process each time')
    })
    this.#workers.push(worker)
  }

  async #run(name: string, job: Job<StoredJob>): Promise<unknown> {
    const abort = new AbortController()
    const { data, timeoutMs } = job.data
    const attempt = { number: job.attemptsMade + 1, of: job.opts.attempts ?? 1 }
    const run = { name, id: job.id ?? '', data, signal: abort.signal, attempt }
    const limits = { abort, timeoutMs, logger: this.#options.logger }
    const done = runWithTimeout(run, this.#options.handlerOf(name), limits)
    this.#running.set(abort, done)
    return done.finally(() => this.#running.delete(abort))
  }

  /** Waits for what runs until the deadline. Never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    const { connection, logger } = this.#options
    const closing = Promise.allSettled(this.#workers.map((worker) => worker.close()))
    // Without a server nobody can be told what was done: only what runs is waited for.
    const alone = lost(connection).then(() => Promise.allSettled(this.#running.values()))
    const ended = Promise.race([closing, alone])
    if (!(await settlesWithin(ended, deadlineMs, systemClock))) {
      // Their jobs are found missing and tried again elsewhere.
      for (const abort of this.#running.keys()) abort.abort(new Error('the job queue stops'))
      logger.warn({ deadlineMs }, 'the job queue did not stop in time')
    }
    this.#client?.close()
    await settlesWithin(closing, STOP_MARGIN_MS, systemClock)
  }
}

/** Resolves when there is no connection. */
function lost(connection: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.onReady((ready) => {
      if (!ready) resolve()
    })
    if (!connection.ready) resolve()
  })
}
