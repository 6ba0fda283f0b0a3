import { chaosProxy, waitFor, type ChaosProxy, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createInstance, preparedDatabase, serve, type Served } from '../../../test/fixtures/service.ts'
import { buildShop } from '../src/app.ts'

let database: TestDatabase
let proxy: ChaosProxy
let instance: Awaited<ReturnType<typeof createInstance>>
let shop: Served

beforeAll(async () => {
  database = await preparedDatabase('shop')
  const direct = new URL(database.url)
  proxy = await chaosProxy({ target: Number(direct.port) })
  direct.port = String(proxy.port)
  instance = await createInstance(direct.href)
  const app = buildShop(instance)
  await app.ready()
  shop = await serve(app.server)
})

afterAll(async () => {
  await shop.close()
  await instance.close()
  await proxy.close()
  await database.stop()
})

it('answers what it has cached and says what it cannot do while the database is away, and recovers by itself', async () => {
  await shop.get('/public/products/1')

  proxy.refuse(true)
  proxy.reset()
  const failed = await shop.get('/public/products/2')
  expect(failed.status).toBe(503)
  expect(failed.body.code).toBe('STORE_DATABASE_UNAVAILABLE')
  expect((await shop.get('/health/ready')).body).toMatchObject({
    ready: false,
    dependencies: { database: { status: 'down' } },
  })
  expect((await shop.get('/health')).status).toBe(200)
  expect((await shop.get('/public/products/1')).cache).toBe('HIT')

  proxy.restore()
  await waitFor(async () => (await shop.get('/public/products/2')).status === 200)
  expect((await shop.get('/health/ready')).status).toBe(200)
})

it('drops its cache when it may have missed an invalidation', async () => {
  await shop.get('/public/products/3')
  expect((await shop.get('/public/products/3')).cache).toBe('HIT')
  proxy.reset()
  // The listening connection comes back after a moment, and with it the certainty that nothing is stale.
  await waitFor(async () => (await shop.get('/public/products/3')).cache === 'MISS')
})

it('takes no harm from what somebody else says on its channel', async () => {
  await shop.get('/public/products/4')
  const say = (payload: string) =>
    database.pool.query('SELECT pg_notify($1, $2)', ['millrace_cache', payload])
  for (const payload of ['', '{', '[]', '{"cache":"test","origin":1,"what":"product:4"}']) await say(payload)
  expect((await shop.get('/public/products/4')).cache).toBe('HIT')
  const what = { kind: 'stamps', names: ['t:product:4'] }
  await say(JSON.stringify({ cache: 'test', origin: 'another instance', version: Date.now() * 1_000, what }))
  await waitFor(async () => (await shop.get('/public/products/4')).cache === 'MISS')
})
