import { chaosProxy } from '@millrace/testing'
import { testRedis } from '@millrace/testing/redis'
import { redisSettings } from '@millrace/core/redis'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { driverSuite } from '../../src/testing/index.ts'

driverSuite(
  'redis, one server',
  async () => {
    const redis = await testRedis()
    const proxy = await chaosProxy({ target: redis.server.port })
    const settings = redisSettings.parse({ host: '127.0.0.1', port: proxy.port })
    return {
      driver: ({ keyspace, ...options }) => createRedisStore({ name: keyspace, settings, ...options }),
      elapse: async () => undefined,
      now: () => Date.now(),
      flush: async () => void (await redis.server.command('FLUSHALL')),
      loseHistory: async (name) =>
        void (await redis.server.command('DEL', `{millrace:${name}}:stamps`, `{millrace:${name}}:log`)),
      away: {
        disconnect: () => {
          proxy.refuse(true)
          proxy.reset()
        },
        reconnect: () => proxy.restore(),
      },
      stop: async () => {
        await proxy.close()
        await redis.stop()
      },
    }
  },
  { away: true },
)
