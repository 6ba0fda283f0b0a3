import { waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { preparedDatabase, startTwo, type Served, type TwoInstances } from '../../../test/fixtures/service.ts'
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

let skus = 0
const addProduct = (extra: object) =>
  first.send('POST', '/products', {
    sku: `TEST-${++skus}`,
    title: 'A test print',
    description: 'For the test.',
    category: 'tests',
    format: 'Giclée print',
    artist: 'Nobody',
    priceCents: 1_000,
    picture: 3,
    ...extra,
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
