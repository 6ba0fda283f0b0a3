import { waitFor } from '@millrace/testing'
import { jobQueueSuite } from '@millrace/testing/jobs'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisJobQueue, type JobQueue } from '../../src/jobs/index.ts'
import { silentLogger, type Logger } from '../../src/index.ts'
import { connectRedis, settingsFromEnvironment, type RedisConnection } from '../../src/redis/index.ts'
import { startJobWorker } from '../fixtures/start-job-worker.ts'

const DEAD_AFTER_MS = 2_000
const PREFIX = '{millrace:jobs}'

/** One that keeps what it has, as a server of jobs should. */
const durableRedis = (): Promise<TestRedis> => testRedis({ settings: { appendonly: 'yes' } })

const connect = (port: number, purpose: string): RedisConnection =>
  connectRedis(settingsFromEnvironment({ REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port) }), {
    logger: silentLogger,
    purpose,
  })

const open = (port: number, options: { prefix?: string; logger?: Logger } = {}): Promise<JobQueue> =>
  createRedisJobQueue({
    connect: (purpose) => connect(port, purpose),
    logger: silentLogger,
    deadAfterMs: DEAD_AFTER_MS,
    ...options,
  })

jobQueueSuite('createRedisJobQueue', async () => {
  const redis = await durableRedis()
  const { server } = redis
  return {
    port: server.port,
    open: (port = server.port) => open(port),
    crash: async () => {
      await server.kill()
      await server.start()
    },
    schedules: async () => {
      const { Queue } = await import('bullmq')
      const connection = connect(server.port, 'test')
      await connection.opened()
      const queue = new Queue('test.once', { connection: connection.client, prefix: PREFIX })
      const found = await queue.getJobSchedulers()
      await queue.close()
      await connection.close()
      return found.map(({ key, pattern = '', template }) => ({
        name: key,
        cron: pattern,
        data: (template?.data as { data: unknown } | undefined)?.data,
      }))
    },
    worker: {
      start: () => startJobWorker({ driver: 'redis', url: redis.url }),
      jobs: 200,
      kills: 3,
      killAfter: 20,
      foundAfterMs: DEAD_AFTER_MS * 2,
    },
    close: () => redis.stop(),
  }
})

describe('createRedisJobQueue', () => {
  let redis: TestRedis
  const queues: JobQueue[] = []
  const warnings: Record<string, unknown>[] = []
  const logger = {
    ...silentLogger,
    warn: (facts: Record<string, unknown>) => void warnings.push(facts),
    error: (facts: Record<string, unknown>) => void warnings.push(facts),
  } as Logger
  beforeAll(async () => {
    redis = await durableRedis()
  })
  afterAll(async () => {
    await Promise.all(queues.map((queue) => queue.stop({ deadlineMs: 100 })))
    await redis.stop()
  })
  const queue = async (port = redis.server.port): Promise<JobQueue> => {
    const made = await open(port, { logger })
    queues.push(made)
    return made
  }

  it('starts without a server, says so, and has its handlers and schedules at work when there is one', async () => {
    await redis.server.kill()
    const jobs = await queue()
    const seen: object[] = []
    await jobs.handle('test.late', async (data) => seen.push(data))
    await jobs.schedule('test.late', '0 3 * * *')
    await expect(jobs.enqueue('test.late', { n: 1 })).rejects.toMatchObject({
      code: 'CORE_JOBS_UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${redis.server.port} does not answer`),
    })
    await redis.server.start()
    await waitFor(() => jobs.enqueue('test.late', { n: 2 }), { deadlineMs: 10_000 })
    await waitFor(() => seen.length === 1, { deadlineMs: 10_000 })
    const { server } = redis
    await waitFor(async () => (await server.command('ZCARD', `${PREFIX}:test.late:repeat`)) === 1)
    // Whatever became of the server: also when it forgot everything.
    await server.command('FLUSHALL')
    await redis.server.kill()
    await redis.server.start()
    await waitFor(async () => (await server.command('ZCARD', `${PREFIX}:test.late:repeat`)) === 1, {
      deadlineMs: 10_000,
    })
    expect(await jobs.counts()).toEqual([{ queue: 'test.late', waiting: 0, active: 0, failed: 0 }])
  })

  it('stops at once, with nothing left behind, while the server is away', async () => {
    const jobs = await queue()
    for (const name of ['test.one', 'test.two']) await jobs.handle(name, async () => undefined)
    await redis.server.kill()
    const started = performance.now()
    await jobs.stop({ deadlineMs: 5_000 })
    expect(performance.now() - started).toBeLessThan(2_000)
    await redis.server.start()
  })

  it('keeps keys apart from those of others, and does not keep what is done without a limit', async () => {
    const jobs = await queue()
    let done = 0
    await jobs.handle('test.many', async () => void done++)
    for (let n = 0; n < 150; n++) await jobs.enqueue('test.many', { n })
    await waitFor(() => done === 150)
    const { server } = redis
    await waitFor(async () => (await server.command('ZCARD', `${PREFIX}:test.many:completed`)) === 100)
    const keys = (await server.command('KEYS', '*')) as string[]
    expect(keys.filter((key) => !key.startsWith(`${PREFIX}:`))).toEqual([])
  })

  it('gives up a job that takes its process with it, and shows it', async () => {
    const jobs = await queue()
    await jobs.enqueue('test.poison', {})
    // As after a worker that died with it, as often as is allowed and once more.
    const { server } = redis
    const base = `${PREFIX}:test.poison`
    const [id = ''] = (await server.command('LRANGE', `${base}:wait`, 0, -1)) as string[]
    await server.command('LMOVE', `${base}:wait`, `${base}:active`, 'LEFT', 'LEFT')
    await server.command('HSET', `${base}:${id}`, 'stc', 4)
    let runs = 0
    await jobs.handle('test.poison', async () => void runs++)
    await waitFor(
      async () => (await jobs.counts()).some(({ queue: of, failed }) => of === 'test.poison' && failed === 1),
      { deadlineMs: 10_000 },
    )
    expect(runs).toBe(0)
  })

  it('warns when the server would remove jobs to make room', async () => {
    const { server } = redis
    await server.command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    await queue()
    const found = await waitFor(() => warnings.find(({ policy }) => policy !== undefined))
    expect(found).toEqual({ policy: 'allkeys-lru', accepted: 'noeviction' })
  })

  it('does not reject when the server refuses it, and tells everybody who asks', async () => {
    const { server } = redis
    await server.command('CONFIG', 'SET', 'requirepass', 'secret-word')
    const jobs = await queue()
    await expect(jobs.enqueue('test.refused', {})).rejects.toMatchObject({
      code: 'CORE_JOBS_UNAVAILABLE',
      message: expect.stringContaining('refuses'),
    })
    await server.command('CONFIG', 'SET', 'requirepass', '')
  })
})
