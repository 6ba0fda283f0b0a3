import { waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createInstance,
  prepare,
  preparedDatabase,
  serve,
  type Served,
} from '../../../test/fixtures/service.ts'
import { buildShop } from '../src/app.ts'

let database: TestDatabase
let first: Served
let second: Served
const closing: (() => Promise<void>)[] = []

/** As in millrace.config.ts: two instances on one database. */
async function startInstance(): Promise<Served> {
  const context = await createInstance(database.url)
  const app = buildShop(context)
  await app.ready()
  const served = await serve(app.server)
  closing.push(served.close, context.close)
  return served
}

beforeAll(async () => {
  database = await preparedDatabase('shop')
  first = await startInstance()
  second = await startInstance()
})

afterAll(async () => {
  for (const close of closing) await close()
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
    expect((await second.get(path)).cache).toBe('HIT')
    await addProduct({ title: 'Heard elsewhere' })
    const { body } = await waitFor(async () => {
      const reply = await second.get(path)
      return reply.cache === 'MISS' ? reply : undefined
    })
    expect(body.total).toBe(1)
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

describe('ordering', () => {
  const address = { name: 'A', street: 'B 1', city: 'C', postcode: '1', country: 'D' }
  const createCart = async (productId: number, quantity: number): Promise<string> => {
    const cart = await first.send('POST', '/carts')
    await first.send('PUT', `/carts/${cart.body.id}/items/${productId}`, { quantity })
    return cart.body.id as string
  }
  const order = (cartId: string, on = first) => on.send('POST', '/orders', { cartId, userId: 9, address })

  it('goes from cart to payment', async () => {
    const product = (await addProduct({ priceCents: 1_500 })).body
    const cartId = await createCart(product.id, 2)
    expect((await first.get(`/carts/${cartId}`)).body).toMatchObject({
      itemsCents: 3_000,
      shippingCents: 490,
      totalCents: 3_490,
      items: [{ quantity: 2, totalCents: 3_000, product: { id: product.id } }],
    })
    const placed = await order(cartId)
    expect(placed.status).toBe(201)
    expect(placed.body).toMatchObject({ status: 'pending', totalCents: 3_490, userId: 9, address })
    expect((await first.get(`/carts/${cartId}`)).body.items).toEqual([])

    const pay = (outcome: string) => first.send('POST', `/orders/${placed.body.id}/payments`, { outcome })
    expect((await pay('decline')).body.status).toBe('declined')
    expect((await pay('approve')).body).toMatchObject({
      provider: 'simulated',
      status: 'approved',
      amountCents: 3_490,
    })
    expect((await pay('approve')).body.code).toBe('STORE_ORDER_NOT_PAYABLE')
    const paid = (await first.get(`/orders/${placed.body.id}`)).body
    expect(paid.status).toBe('paid')
    expect(paid.payments.map((payment: { status: string }) => payment.status)).toEqual([
      'declined',
      'approved',
    ])
    expect((await first.get('/users/9/orders?limit=1')).body.items[0].id).toBe(placed.body.id)
  })

  it('takes no card data', async () => {
    const cartId = await createCart(1, 1)
    const { body } = await order(cartId)
    const payment = await first.send('POST', `/orders/${body.id}/payments`, {
      cardNumber: '4242424242424242',
    })
    expect(payment.status).toBe(400)
  })

  it('sells the last one once, and the page says so at once', async () => {
    const product = (await addProduct({ stock: 1 })).body
    const path = `/public/products/${product.id}`
    expect((await second.get(path)).body.stock).toBe(1)
    const carts = [await createCart(product.id, 1), await createCart(product.id, 1)]
    const statuses = await Promise.all([order(carts[0]!), order(carts[1]!, second)])
    expect(statuses.map((reply) => reply.status).toSorted((a, b) => a - b)).toEqual([201, 409])
    await waitFor(async () => (await second.get(path)).body.stock === 0)
    expect((await first.get(path)).body.stock).toBe(0)
  })

  it('turns a cart into one order, however often it is sent', async () => {
    const cartId = await createCart(1, 1)
    const replies = await Promise.all([order(cartId), order(cartId, second), order(cartId)])
    expect(replies.map((reply) => reply.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  })

  it('refuses what makes no sense', async () => {
    const cart = (await first.send('POST', '/carts')).body
    expect((await order(cart.id)).body.code).toBe('STORE_CART_EMPTY')
    expect((await first.get('/carts/nonsense')).status).toBe(400)
    expect((await first.get('/carts/00000000-0000-4000-8000-000000000000')).status).toBe(404)
    const put = (id: number, quantity: number) =>
      first.send('PUT', `/carts/${cart.id}/items/${id}`, { quantity })
    expect((await put(999_999, 1)).status).toBe(404)
    expect((await put(1, 0)).status).toBe(400)
    expect((await put(1, 100)).status).toBe(400)
  })

  it('limits how many products a cart holds', async () => {
    const cart = (await first.send('POST', '/carts')).body
    for (let id = 1; id <= 50; id++) await first.send('PUT', `/carts/${cart.id}/items/${id}`, { quantity: 1 })
    const over = await first.send('PUT', `/carts/${cart.id}/items/51`, { quantity: 1 })
    expect(over.body).toMatchObject({ code: 'STORE_CART_FULL', max: 50 })
    expect((await first.send('PUT', `/carts/${cart.id}/items/50`, { quantity: 2 })).status).toBe(200)
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
