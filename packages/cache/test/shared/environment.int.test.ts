import { MetricRegistry } from '@millrace/core/metrics'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { createCache, type CacheManager } from '../../src/index.ts'

let redis: TestRedis

beforeAll(async () => {
  redis = await testRedis()
})
afterAll(() => redis.stop())

function join(env: Record<string, string>): CacheManager {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const cache = createCache({ redis: 'environment', registry: new MetricRegistry(), sharedTimeoutMs: 1_000 })
  onTestFinished(() => cache.close())
  return cache
}

it('shares through the Redis that the environment names, under the name of the service', async () => {
  const env = { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.server.port), MILLRACE_SERVICE: 'shop' }
  const [a, b] = [join(env), join(env)]
  await Promise.all([a.ready(), b.ready()])
  await a.set('n', 'k', 'value')
  expect(await b.get('n', 'k')).toBe('value')
  expect(await redis.server.command('EXISTS', 'millrace:shop:n:k')).toBe(1)
})

it.each([
  [{}],
  [{ REDIS_HOST: '127.0.0.1', REDIS_ENABLED: 'false' }],
  [{ REDIS_URL: 'redis://127.0.0.1:1', REDIS_ENABLED: '0' }],
  [{ REDIS_PORT: '6379' }],
])('is this process alone with %o', async (env) => {
  const cache = join(env)
  await cache.ready()
  expect(cache.sharedStatus()).toBeUndefined()
  await cache.set('n', 'k', 'value')
  expect(await cache.get('n', 'k')).toBe('value')
})

it('says what is wrong with the environment, and goes on in memory', async () => {
  const cache = join({ REDIS_HOST: '127.0.0.1', REDIS_PORT: 'many' })
  await expect(cache.ready()).rejects.toMatchObject({ code: 'REDIS_SETTINGS_INVALID' })
  await cache.set('n', 'k', 'value')
  expect(await cache.get('n', 'k')).toBe('value')
  expect(cache.sharedStatus()).toMatchObject({ available: false })
})
