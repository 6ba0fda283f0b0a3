import { testSentinel } from '@millrace/testing/redis'
import { redisSettings } from '@millrace/core/redis'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { driverSuite } from '../../src/testing/index.ts'

driverSuite('redis, watched by Sentinels', async () => {
  const redis = await testSentinel()
  const settings = redisSettings.parse({ sentinels: redis.addresses, sentinelMaster: redis.masterName })
  const master = await redis.master()
  return {
    driver: ({ keyspace, ...options }) => createRedisStore({ name: keyspace, settings, ...options }),
    elapse: async () => undefined,
    now: () => Date.now(),
    flush: async () => void (await master.command('FLUSHALL')),
    loseHistory: async (name) =>
      void (await master.command('DEL', `{millrace:${name}}:stamps`, `{millrace:${name}}:log`)),
    stop: () => redis.stop(),
  }
})
