import { createPorts } from '@millrace/core'
import { settingsFromEnvironment } from '@millrace/core/redis'
import { createTestContext, waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { cacheActions } from '../../src/actions.ts'
import { capability } from '../../src/capability.ts'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { createCache, type CacheManager } from '../../src/index.ts'
import { lookUpEntry } from '../../src/platform/entry.ts'
import { purge } from '../../src/platform/purge.ts'
import { purgeInputSchema } from '../../src/platform/purge-scope.ts'
import type { CacheService } from '../../src/service.ts'
import { reportedMetrics } from './reported-metrics.ts'

let redis: TestRedis

beforeAll(async () => {
  redis = await testRedis()
})
afterAll(() => redis?.stop())

const settings = () => settingsFromEnvironment({ REDIS_URL: redis.url })

/** The control plane's part, with the Redis of this file. */
async function control(): Promise<CacheService> {
  const ports = createPorts()
  ports.provide('metricReader', reportedMetrics([]))
  const test = await createTestContext(capability, { redis: settings(), ports })
  const service = await capability.create(test.context)
  onTestFinished(async () => {
    await capability.dispose(service)
    await test.close()
  })
  return service
}

/** A process of an application. */
async function application(name: string): Promise<CacheManager> {
  const cache = createCache({ name, shared: createRedisStore({ name, settings: settings() }) })
  onTestFinished(() => cache.close())
  await cache.ready()
  return cache
}

const run = (service: CacheService, input: unknown) =>
  purge(service, purgeInputSchema.parse(input), new AbortController().signal)

it('purges the memory of an application through the shared tier, after a look that changes nothing', async () => {
  const [first, second] = [await application('shop'), await application('shop')]
  const service = await control()
  await first.set('PRODUCTS', '1', { name: 'tea' }, { tags: ['product:1'] })
  await waitFor(async () => (await second.get('PRODUCTS', '1')) !== undefined, { what: 'the shared entry' })

  const look = await run(service, { namespace: 'PRODUCTS', preview: true })
  expect(look.tiers).toContainEqual(
    expect.objectContaining({ tier: 'shared', keyspace: 'shop', entries: 1, exact: true }),
  )
  expect(look.sampleKeys).toEqual(['PRODUCTS:1'])
  const byTag = await run(service, { tags: ['product:1'], preview: true })
  expect(byTag.tiers).toEqual([
    expect.objectContaining({ tier: 'shared', keyspace: 'shop', entries: 1, exact: true }),
  ])
  expect(first.has('PRODUCTS', '1') && second.has('PRODUCTS', '1')).toBe(true)

  const entry = await lookUpEntry(service, { namespace: 'PRODUCTS', id: '1', keyspace: 'shop' })
  expect(entry).toMatchObject({ found: true, entry: { tags: ['product:1'] } })
  expect(entry).not.toHaveProperty('value')
  expect(await lookUpEntry(service, { namespace: 'PRODUCTS', id: '2', keyspace: 'shop' })).toEqual({
    found: false,
  })

  const done = await run(service, { tags: ['product:1'] })
  expect(done.tiers).toContainEqual(
    expect.objectContaining({ tier: 'shared', keyspace: 'shop', outcome: 'purged' }),
  )
  await waitFor(() => !first.has('PRODUCTS', '1') && !second.has('PRODUCTS', '1'), {
    what: 'the notice in both processes',
  })
  expect(await second.get('PRODUCTS', '1')).toBeUndefined()
})

it('lists who shares the Redis', async () => {
  const cache = await application('blog')
  const service = await control()
  await cache.set('POSTS', '1', 1)
  await cache.invalidateTags(['post:1'])
  const context = { signal: new AbortController().signal } as never
  const { keyspaces } = await cacheActions.keyspaces.run(service, {}, context)
  expect(keyspaces).toContain('blog')
})

it('is degraded while Redis is away, says why, and recovers by itself', async () => {
  const service = await control()
  await waitFor(async () => (await capability.health(service)).state === 'healthy', {
    what: 'a first answer',
  })
  await redis.server.kill()
  await waitFor(async () => (await capability.health(service)).state === 'degraded', { what: 'noticing' })
  const { message, checks } = await capability.health(service)
  expect(message).toContain('Redis is away')
  expect(checks).toEqual([expect.objectContaining({ name: 'redis (single)', state: 'degraded' })])
  const { tiers } = await run(service, { all: true })
  expect(tiers[0]).toMatchObject({ tier: 'shared', outcome: 'failed' })
  await redis.server.start()
  await waitFor(async () => (await capability.health(service)).state === 'healthy', {
    what: 'recovery',
    deadlineMs: 20_000,
  })
})
