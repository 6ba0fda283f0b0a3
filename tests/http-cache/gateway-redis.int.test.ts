import { createHttpCache } from '@millrace/cache/http-cache'
import { silentLogger, type HttpCacheFactory } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { createGateway } from '@millrace/gateway'
import { cachingSuite, Fixture, onePool } from '@millrace/gateway/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let redis: TestRedis
let keyspaces = 0
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(() => redis.stop())

const over = (options: object, instance: string) =>
  createHttpCache(
    { redis: { url: redis.url }, ...options },
    { instance, logger: silentLogger, registry: new MetricRegistry() },
  )

/** Each in a keyspace of its own. */
const overRedis: HttpCacheFactory = (options, { instance }) =>
  over({ keyspace: `suite-${++keyspaces}`, ...(options as object) }, instance)

cachingSuite('node over Redis', createGateway, overRedis)

describe('two gateways that share responses in Redis', () => {
  let one: Fixture
  let two: Fixture
  let asked: number
  beforeEach(async () => {
    one = new Fixture(createGateway)
    two = new Fixture(createGateway)
    asked = 0
    const keyspace = `pair-${++keyspaces}`
    const port = await one.backend((_req, res) => {
      res.writeHead(200, { 'cache-control': 'max-age=60', 'surrogate-key': 'all' }).end(`answer ${++asked}`)
    })
    for (const [fixture, instance] of [[one, 'gateway/1'] as const, [two, 'gateway/2'] as const]) {
      await fixture.start(onePool(port), { httpCache: await over({ keyspace }, instance) })
    }
  })
  afterEach(async () => {
    await two.close()
    await one.close()
  })

  const ask = async (fixture: Fixture): Promise<string> =>
    (await fixture.ask('/', { headers: { host: 'shop.example' } })).text

  it('what one stores the other answers with, and a purge of one is one of both', async () => {
    expect(await ask(one)).toBe('answer 1')
    await expect.poll(() => ask(two), { timeout: 10_000 }).toBe('answer 1')
    await two.engine.purge({ keys: ['all'] })
    expect(await ask(two)).not.toBe('answer 1')
    await expect.poll(() => ask(one), { timeout: 10_000 }).not.toBe('answer 1')
  })

  it('when Redis is gone, everybody is answered', async () => {
    expect(await ask(one)).toBe('answer 1')
    await redis.server.kill()
    try {
      for (let i = 0; i < 10; i++) {
        expect(await ask(one)).toMatch(/^answer/)
        expect(await ask(two)).toMatch(/^answer/)
        await one.ask(`/${i}`)
      }
    } finally {
      await redis.server.start()
    }
  })
})
