import {
  createEventBus,
  createRedisEventBus,
  redisTopology,
  type Clock,
  type EventBus,
  type JobQueue,
  type Logger,
  type PlatformConfig,
} from '@millrace/core'
import { createPostgresJobQueue, createRedisJobQueue } from '@millrace/core/jobs'

/** What processes need to act together: in this process and PostgreSQL, or in Redis where one is configured. */
export interface Coordination {
  readonly events: EventBus
  /** Rejects when Redis does not answer; undefined when none is configured. */
  readonly pingRedis: (() => Promise<void>) | undefined
  /** Connects the events with those of other control planes. Never rejects: they are heard here in any case. */
  connect(): Promise<void>
  openJobs(): Promise<JobQueue>
  close(): Promise<void>
}

export interface CoordinationOptions {
  config: PlatformConfig
  databaseUrl: string
  logger: Logger
  clock: Clock
}

export async function createCoordination(options: CoordinationOptions): Promise<Coordination> {
  const { config, databaseUrl: url, logger, clock } = options
  const openJobs = (): Promise<JobQueue> => createPostgresJobQueue({ url, logger })
  if (redisTopology(config.redis) === undefined) {
    const nothing = (): Promise<void> => Promise.resolve()
    return {
      events: createEventBus(logger),
      pingRedis: undefined,
      connect: nothing,
      openJobs,
      close: nothing,
    }
  }
  // Only here, so that nobody loads it who has no Redis.
  const { connectRedis } = await import('@millrace/core/redis')
  const connect = (purpose: string) => connectRedis(config.redis, { logger, clock, purpose })
  const events = createRedisEventBus({ connect, logger, clock })
  const closing: (() => Promise<void>)[] = []
  let health: ReturnType<typeof connect> | undefined
  return {
    events,
    pingRedis: async () => {
      if (health?.ready !== true) throw new Error('no connection')
      await health.client.ping()
    },
    connect: async () => {
      const pinger = connect('health')
      health = pinger
      closing.push(
        () => events.close(),
        () => pinger.close(),
      )
      const opened = await Promise.allSettled([events.connect(), pinger.opened()])
      const failed = opened.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) {
        const reason = (failed.reason as Error).message
        logger.error({ reason }, 'Redis is configured and cannot be used: this control plane goes on alone')
      }
    },
    openJobs:
      config.jobs.store === 'postgres'
        ? openJobs
        : () => createRedisJobQueue({ connect, logger: logger.child({ component: 'jobs' }) }),
    close: async () => {
      await Promise.allSettled(closing.map((close) => close()))
    },
  }
}
