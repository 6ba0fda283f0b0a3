export interface JobOptions {
  /** Only one waiting or running job per key: later ones are dropped. */
  singletonKey?: string
  /** Default 0: as soon as possible. */
  delayMs?: number
  /** Default 3. */
  retries?: number
  /** A job that runs longer is failed and retried. Default 15 minutes. */
  timeoutMs?: number
}

export interface JobContext {
  id: string
  signal: AbortSignal
}

export type JobHandler<Data> = (data: Data, context: JobContext) => Promise<unknown>

export interface JobCounts {
  queue: string
  waiting: number
  active: number
  failed: number
}

/** Durable background work: retried with backoff, and visible when dead. Names are `<capability>.<job>`. */
export interface JobQueue {
  /** Returns the job's id, or null when a singleton of that key exists. */
  enqueue(name: string, data: object, options?: JobOptions): Promise<string | null>
  /** One handler per name and process: a later one takes the place of the earlier. Jobs of a name run one after another. */
  handle<Data extends object>(name: string, handler: JobHandler<Data>): Promise<void>
  /** Runs on a five-field cron expression, in UTC, once over all processes. */
  schedule(name: string, cron: string, data?: object): Promise<void>
  counts(): Promise<JobCounts[]>
  /** Waits for running handlers until the deadline. */
  stop(options?: { deadlineMs?: number }): Promise<void>
}
