import { testRedisCluster } from '@millrace/testing/redis'
import { redisSettings } from '@millrace/core/redis'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { driverSuite } from '../../src/testing/index.ts'

driverSuite('redis, a Cluster of three masters and three replicas', async () => {
  const redis = await testRedisCluster()
  const settings = redisSettings.parse({ clusterNodes: redis.addresses.slice(0, 2) })
  return {
    driver: ({ keyspace, ...options }) => createRedisStore({ name: keyspace, settings, ...options }),
    elapse: async () => undefined,
    now: () => Date.now(),
    flush: async () => {
      for (const master of await redis.masters()) await master.command('FLUSHALL')
    },
    loseHistory: async (name) => {
      const master = await redis.masterOf(`{millrace:${name}}:stamps`)
      await master.command('DEL', `{millrace:${name}}:stamps`, `{millrace:${name}}:log`)
    },
    stop: () => redis.stop(),
  }
})
