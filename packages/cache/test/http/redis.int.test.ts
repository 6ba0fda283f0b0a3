import { silentLogger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { redisSettings } from '@millrace/core/redis'
import { waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { openHttpCache } from '../../src/http-cache.ts'
import { createCache } from '../../src/index.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(() => redis.stop())

const settings = () => redisSettings.parse({ host: '127.0.0.1', port: redis.server.port })

/** Resolves when that many records are there. */
async function stored(name: string, count: number): Promise<void> {
  const store = createRedisStore({ name, settings: settings() })
  await store.connect()
  await waitFor(async () => (await store.list('*', { limit: 100, maxScanned: 1_000 })).keys.length >= count)
  await store.close()
}

it('a response that one process made is a hit in another, body and headers as they were', async () => {
  const ask = async (name: string) => {
    const cache = createCache({ name: 'shop', registry: new MetricRegistry(), redis: settings() })
    await cache.ready()
    const app = fastify()
    onTestFinished(async () => {
      await app.close()
      await cache.close()
    })
    app.get('/p', cache.hooks('PRODUCTS'), async (_, reply) => {
      return reply
        .header('vary', 'accept-language')
        .header('x-by', name)
        .send(Buffer.from([0, 255, 10]))
    })
    return async (language: string) => app.inject({ url: '/p', headers: { 'accept-language': language } })
  }
  const [one, other] = [await ask('one'), await ask('other')]
  await one('de')
  await one('fr')
  // Two variants, and what says by which header they differ.
  await stored('shop', 3)
  for (const language of ['de', 'fr']) {
    const answer = await other(language)
    expect(answer.headers).toMatchObject({ 'x-by': 'one', 'x-cache': 'HIT' })
    expect([...answer.rawPayload]).toEqual([0, 255, 10])
  }
})

it('gateways with one Redis share responses, and a purge by one is heard by all', async () => {
  const open = async () => {
    const context = { instance: 'gateway/1', logger: silentLogger, registry: new MetricRegistry() }
    const cache = await openHttpCache({ redis: settings(), keyspace: 'gateways' }, context)
    onTestFinished(() => cache.close())
    const request = { method: 'GET', scheme: 'https', host: 'shop.example', target: '/p', rawHeaders: [] }
    const look = async () => cache.lookup(request)
    const fill = async (): Promise<void> => {
      const found = await look()
      if (found.kind !== 'fetch') throw new Error(`${found.kind} in place of a fetch`)
      found.responded(200, ['cache-control', 'max-age=60', 'surrogate-key', 'product:1'])
      found.write(Buffer.from('body'))
      found.end()
    }
    return { cache, look, fill }
  }
  const [one, other] = [await open(), await open()]
  await one.fill()
  await stored('gateways', 1)
  expect(await other.look()).toMatchObject({ kind: 'answer', cacheStatus: 'hit' })
  await other.cache.purge({ keys: ['product:1'] })
  await waitFor(async () => (await one.look()).kind === 'fetch')
  expect((await other.look()).kind).toBe('fetch')
})
