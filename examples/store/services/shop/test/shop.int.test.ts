import { waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  prepare,
  preparedDatabase,
  startTwo,
  type Served,
  type TwoInstances,
} from '../../../test/fixtures/service.ts'
import { wiringTests } from '../../../test/fixtures/wiring.ts'
import { buildShop } from '../src/app.ts'

let database: TestDatabase
let first: Served
let second: Served
let instances: TwoInstances

beforeAll(async () => {
  database = await preparedDatabase('shop')
  instances = await startTwo(database.url, buildShop)
  ;[first, second] = instances.list
})

afterAll(async () => {
  await instances.close()
  await database.stop()
})

const NEW_PRODUCT = {
  title: 'A test print',
  description: 'For the test.',
  category: 'tests',
  format: 'Giclée print',
  artist: 'Nobody',
  priceCents: 1_000,
  picture: 3,
}
let skus = 0
const addProduct = (extra: object = {}) =>
  first.send('POST', '/products', { ...NEW_PRODUCT, sku: `TEST-${++skus}`, ...extra })

describe('prepare', () => {
  it('has nothing left to do at the second start', async () => {
    const result = await prepare('services/shop/src/prepare.ts', { DATABASE_URL: database.url })
    expect(result).toMatchObject({ applied: [], seeded: false })
  })

  it('does its work once when two run at the same time on an empty database', async () => {
    const url = await database.createDatabase()
    const run = () => prepare('services/shop/src/prepare.ts', { DATABASE_URL: url })
    const seeded = (await Promise.all([run(), run()])).map((result) => result['seeded'])
    expect(seeded.filter((did) => did === true)).toHaveLength(1)
  })
})

describe('products', () => {
  it('come in pages', async () => {
    const page = await first.get('/public/products?page=2&pageSize=10')
    expect(page.status).toBe(200)
    expect(page.body).toMatchObject({ page: 2, pageSize: 10, total: 2_000, pages: 200 })
    expect(page.body.items).toHaveLength(10)
    expect(page.body.items[0]).toMatchObject({
      id: expect.any(Number),
      currency: 'EUR',
      picture: { src: expect.stringMatching(/^\/images\/product\d*\.jpg$/), width: expect.any(Number) },
    })
  })

  it('are filtered, searched and sorted', async () => {
    const query = 'category=framed&search=nagas+oak&sort=price-desc&maxPriceCents=9000'
    const { body } = await first.get(`/public/products?${query}`)
    expect(body.total).toBeGreaterThan(0)
    const prices = body.items.map((item: { priceCents: number }) => item.priceCents)
    expect(prices).toEqual(prices.toSorted((a: number, b: number) => b - a))
    for (const item of body.items) {
      expect(item).toMatchObject({ category: 'framed', format: 'Framed in oak' })
      expect(item.priceCents).toBeLessThanOrEqual(9_000)
    }
  })

  it('are not found by a search for nothing', async () => {
    const { body } = await first.get('/public/products?search=!!!')
    expect(body).toMatchObject({ items: [], total: 0, pages: 0 })
  })

  it('name every problem of a query at once', async () => {
    const { status, headers, body } = await first.get('/public/products?page=0&sort=random&pageSize=500')
    expect(status).toBe(400)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body.code).toBe('STORE_INPUT_INVALID')
    expect(body.problems.map((problem: { path: string }) => problem.path).toSorted()).toEqual([
      'page',
      'pageSize',
      'sort',
    ])
  })

  it('have details', async () => {
    const { body } = await first.get('/public/products/7')
    expect(body).toMatchObject({ id: 7, description: expect.any(String), createdAt: expect.any(String) })
    expect((await first.get('/public/products/999999')).body.code).toBe('STORE_NOT_FOUND')
    expect((await first.get('/public/products/seven')).status).toBe(400)
    expect((await first.get('/public/products/99999999999')).status).toBe(400)
  })

  it('need a stock keeping unit of their own', async () => {
    expect((await addProduct({ sku: 'TWICE' })).status).toBe(201)
    expect((await addProduct({ sku: 'TWICE' })).body).toMatchObject({ status: 409, code: 'STORE_DUPLICATE' })
    expect((await addProduct({ sku: 'no', priceCents: 0 })).body.problems).toHaveLength(2)
  })
})

describe('caching', () => {
  it('keeps lists until a product is added', async () => {
    const path = '/public/products?category=cards&pageSize=5'
    expect((await first.get(path)).cache).toBe('MISS')
    expect((await first.get(path)).cache).toBe('HIT')
    await addProduct()
    expect((await first.get(path)).cache).toBe('MISS')
  })

  it('is told of a new product in the other instance', async () => {
    const path = '/public/products?category=tests&search=heard'
    expect((await second.get(path)).body.total).toBe(0)
    // News of the products of earlier tests may still be on its way.
    await waitFor(async () => (await second.get(path)).cache === 'HIT')
    await addProduct({ title: 'Heard elsewhere' })
    await waitFor(async () => (await second.get(path)).body.total === 1)
  })

  it('keeps a product until it is reviewed', async () => {
    const before = await first.get('/public/products/11')
    expect((await first.get('/public/products/11')).cache).toBe('HIT')
    const review = { authorId: 5, authorName: 'Tilda Horváth', rating: 5, title: 'Good', body: 'Very good.' }
    expect((await first.send('POST', '/public/products/11/reviews', review)).status).toBe(201)
    const after = await first.get('/public/products/11')
    expect(after.cache).toBe('MISS')
    expect(after.body.rating.count).toBe(before.body.rating.count + 1)
  })

  it('is not turned off by cookies of other applications', async () => {
    const cookie = { cookie: 'millrace_session=something' }
    await first.get('/public/products/12', cookie)
    expect((await first.get('/public/products/12', cookie)).cache).toBe('HIT')
  })

  it('answers 304 to a browser that has it', async () => {
    const etag = (await first.get('/public/products/13')).headers.get('etag')
    expect((await first.get('/public/products/13', { 'if-none-match': etag ?? '' })).status).toBe(304)
  })
})

describe('as the documents wire it', () => {
  const until = {
    method: 'POST',
    path: '/products',
    body: () => ({ ...NEW_PRODUCT, sku: `WIRED-${++skus}` }),
  }
  wiringTests(() => database.url, buildShop, [
    { get: '/public/products?category=posters', ttlS: 600, until },
    { get: '/public/categories', ttlS: 600, until },
    { get: '/public/products/21', ttlS: 900 },
  ])

  it('tells caches in front what they may keep, and what a change makes stale', async () => {
    const control = async (path: string) => {
      const { headers } = await first.get(path)
      return [headers.get('cache-control'), headers.get('surrogate-key')]
    }
    const list = 'public, max-age=0, s-maxage=600'
    const product = 'public, max-age=0, s-maxage=900'
    // Also when this service answers from its own cache.
    for (let time = 0; time < 2; time++) {
      expect(await control('/public/products?page=9')).toEqual([list, 'products'])
      expect(await control('/public/products/22')).toEqual([product, 'product:22'])
    }
    expect((await addProduct()).headers.get('surrogate-key-purge')).toBe('products')
    const review = { authorId: 5, authorName: 'Tilda Horváth', rating: 4, title: 'Good', body: 'Good.' }
    const reviewed = await first.send('POST', '/public/products/22/reviews', review)
    expect(reviewed.headers.get('surrogate-key-purge')).toBe('product:22')
  })
})

describe('bestsellers', () => {
  it('are the result of a query that is kept until a product is added', async () => {
    const read = async (): Promise<{ items: { id: number; sold: number }[] }> =>
      (await first.get('/public/bestsellers?limit=5')).body
    let { items } = await read()
    const sold = items.map((item) => item.sold)
    expect(sold).toHaveLength(5)
    expect(sold).toEqual(sold.toSorted((a: number, b: number) => b - a))
    let quantity = 10_000
    // The notice of an earlier test's product may still be on its way, and would end what is kept: then once more.
    await waitFor(async () => {
      ;({ items } = await read())
      quantity *= 2
      // A sale that the query would count at once.
      await database.pool.query(
        `WITH sale AS (
           INSERT INTO orders (user_id, status, items_cents, shipping_cents, name, street, city, postcode, country)
           VALUES (1, 'paid', 100, 0, 'n', 's', 'c', 'p', 'c') RETURNING id
         )
         INSERT INTO order_items SELECT id, $1, 'Sold', $2, 100 FROM sale`,
        [items[4]!.id, quantity],
      )
      expect((await read()).items).toEqual(items)
      return true
    })
    await addProduct()
    expect((await read()).items[0]!.id).toBe(items[4]!.id)
  })
})

describe('reviews', () => {
  it('come newest first, with how many there are of each', async () => {
    const { body } = await first.get('/public/products/1/reviews?limit=5')
    const times = body.items.map((item: { createdAt: string }) => item.createdAt)
    expect(times).toEqual(times.toSorted().toReversed())
    const counts = Object.values(body.counts as Record<string, number>)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(body.total)
  })

  it('are refused when wrong, and for products that do not exist', async () => {
    const wrong = { authorId: 0, authorName: '', rating: 6, title: ' ', body: 'a\u0000b' }
    const { status, body } = await first.send('POST', '/public/products/1/reviews', wrong)
    expect(status).toBe(400)
    expect(body.problems).toHaveLength(5)
    const fine = { authorId: 1, authorName: 'A', rating: 1, title: 'T', body: 'B' }
    expect((await first.send('POST', '/public/products/999999/reviews', fine)).status).toBe(404)
  })
})

describe('the service', () => {
  it('says how it is', async () => {
    expect((await first.get('/health')).body.status).toBe('up')
    const ready = await first.get('/health/ready')
    expect(ready.body).toMatchObject({ ready: true, dependencies: { database: { status: 'up' } } })
    expect((await first.get('/metrics')).body).toContain('millrace_cache_hits_total{namespace="PRODUCTS"')
  })

  it('answers problems for what it does not know or cannot read', async () => {
    expect((await first.get('/nothing')).body.code).toBe('STORE_ROUTE_NOT_FOUND')
    const broken = await fetch(`${first.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"cartId":',
    })
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({ code: 'STORE_REQUEST_INVALID' })
    const large = await first.send('POST', '/orders', { note: 'x'.repeat(70_000) })
    expect(large.status).toBe(413)
  })
})
