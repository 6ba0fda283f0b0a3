import { waitFor } from '@millrace/testing'
import { testRedisCluster } from '@millrace/testing/redis'
import { expect, it } from 'vitest'
import { createRedisEventBus, silentLogger as logger } from '../../src/index.ts'
import { createRedisJobQueue } from '../../src/jobs/index.ts'
import { connectRedis, settingsFromEnvironment } from '../../src/redis/index.ts'

it('jobs and events work in a Cluster, also after its master is lost', async () => {
  await using cluster = await testRedisCluster()
  const settings = settingsFromEnvironment({ REDIS_CLUSTER_NODES: cluster.addresses.join(',') })
  const connect = (purpose: string) => connectRedis(settings, { logger, purpose })
  const queue = await createRedisJobQueue({ connect, logger, deadAfterMs: 2_000 })
  const buses = [createRedisEventBus({ connect, logger }), createRedisEventBus({ connect, logger })]
  try {
    const done: number[] = []
    await queue.handle<{ n: number }>('test.cluster', async ({ n }) => void done.push(n))
    await queue.schedule('test.cluster', '0 3 * * *')
    await queue.enqueue('test.cluster', { n: 1 })
    await waitFor(() => done.includes(1))

    const heard: string[] = []
    buses[1]!.on('config.changed', ({ path }) => void heard.push(path))
    for (const bus of buses) await bus.connect()
    await waitFor(() => buses.every(({ connected }) => connected))
    const say = (path: string) => () => {
      buses[0]!.emit('config.changed', { path, actor: 'a' })
      return heard.includes(path)
    }
    await waitFor(say('before'))

    const master = await cluster.masterOf('{millrace:jobs}')
    await master.kill()
    await waitFor(() => queue.enqueue('test.cluster', { n: 2 }), { deadlineMs: 20_000, intervalMs: 100 })
    await waitFor(() => done.includes(2), { deadlineMs: 20_000 })
    await waitFor(say('after'), { deadlineMs: 20_000 })
    expect(await queue.counts()).toEqual([{ queue: 'test.cluster', waiting: 0, active: 0, failed: 0 }])
  } finally {
    await Promise.all([queue.stop({ deadlineMs: 1_000 }), ...buses.map((bus) => bus.close())])
  }
})
