import { waitFor, type TestDatabase } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  getAs,
  preparedDatabase,
  startTwo,
  type Reply,
  type Served,
  type TwoInstances,
} from '../../../test/fixtures/service.ts'
import { buildShop } from '../src/app.ts'

let database: TestDatabase
let redis: TestRedis
let instances: TwoInstances
let first: Served
let second: Served

beforeAll(async () => {
  ;[database, redis] = await Promise.all([preparedDatabase('shop'), testRedis()])
  instances = await startTwo(database.url, buildShop, { redisUrl: redis.url })
  ;[first, second] = instances.list
})
afterAll(async () => {
  await instances.close()
  await Promise.all([database.stop(), redis.stop()])
})

/** As the gateway asks: both under the visitor's host. */
const get = (from: Served, path: string) => getAs('shop.example', from, path)
const review = (on: Served, id: number, title: string): Promise<Reply> =>
  on.send('POST', `/public/products/${id}/reviews`, {
    authorId: 5,
    authorName: 'Tilda Horváth',
    rating: 5,
    title,
    body: 'Very good.',
  })
const reviews = async (from: Served, id: number): Promise<number> =>
  ((await get(from, `/public/products/${id}`)).body as { rating: { count: number } }).rating.count

/** A response is on its way to Redis for a moment after it was answered. */
const isShared = async (part: string): Promise<boolean> =>
  ((await redis.server.command('KEYS', `*${part}*`)) as string[]).length > 0

it('what one instance has made, the other need not make', async () => {
  expect((await get(first, '/public/products?page=3')).cache).toBe('MISS')
  await waitFor(() => isShared('page=3'))
  expect((await get(second, '/public/products?page=3')).cache).toBe('HIT')
})

it('readiness says how they share', async () => {
  const { body } = await get(first, '/health/ready')
  expect(body).toMatchObject({ ready: true, shared: { store: 'redis', available: true, following: true } })
})

it('a change in one is seen in the other', async () => {
  const before = await reviews(second, 11)
  expect((await get(second, '/public/products/11')).cache).toBe('HIT')
  expect((await review(first, 11, 'Seen')).status).toBe(201)
  await waitFor(async () => (await reviews(second, 11)) === before + 1)
})

it('no request fails, nor is late, while Redis is killed, paused and away under load', async () => {
  const problems: string[] = []
  const slow: number[] = []
  let requests = 0
  const over = new AbortController()
  const visitor = async (from: Served, seed: number): Promise<void> => {
    for (let n = seed; !over.signal.aborted; n++) {
      const started = performance.now()
      const reply =
        n % 10 === 0
          ? await review(from, 40, `Under load ${n}`)
          : await get(from, `/public/products/${n % 60 || 1}`)
      requests++
      if (reply.status >= 400) problems.push(`${reply.status} ${JSON.stringify(reply.body)}`)
      slow.push(performance.now() - started)
    }
  }
  const served = async (more: number): Promise<void> => {
    const until = requests + more
    await waitFor(() => requests >= until, { deadlineMs: 20_000 })
  }
  const visitors = [first, second].flatMap((from) => [0, 20, 40].map((seed) => visitor(from, seed)))
  await served(200)
  await redis.server.kill()
  await served(200)
  await redis.server.start()
  await served(200)
  redis.server.pause()
  await served(200)
  redis.server.resume()
  await served(200)
  over.abort()
  await Promise.all(visitors)
  expect(problems).toEqual([])
  // A generous limit: what Redis may add to one request is 50 ms.
  expect(Math.max(...slow)).toBeLessThan(2_000)
})

it('the tier is used again by itself, and nothing of before the outage is served from it', async () => {
  const { rows } = await database.pool.query<{ rating_count: number }>(
    'SELECT rating_count FROM products WHERE id = 40',
  )
  await waitFor(async () => (await reviews(first, 40)) === rows[0]!.rating_count, { deadlineMs: 20_000 })
  await waitFor(async () => (await reviews(second, 40)) === rows[0]!.rating_count, { deadlineMs: 20_000 })
  const before = await reviews(second, 12)
  await review(first, 12, 'After')
  await waitFor(async () => (await reviews(second, 12)) === before + 1, { deadlineMs: 20_000 })
  // Shared again: a page that neither has seen yet.
  let page = 100
  let answered: string | null = null
  await waitFor(
    async () => {
      const path = `/public/products?page=${++page}`
      await get(first, path)
      if (await isShared(`page=${page}`)) answered = (await get(second, path)).cache
      return answered === 'HIT'
    },
    { deadlineMs: 30_000, intervalMs: 50 },
  )
  expect(answered).toBe('HIT')
})
