import {
  idInput,
  limitInput,
  offsetInput,
  parseInput,
  staleInFront,
  storeErrors,
  textInput,
} from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { ShopContext } from '../app.ts'
import { findOrder, listOrders } from '../order-queries.ts'
import { placeOrder } from '../place-order.ts'
import { productTag } from './products.ts'

const orderParams = z.object({ orderId: idInput })
const userParams = z.object({ userId: idInput })
const pageInput = z.object({ limit: limitInput(10, 50), offset: offsetInput })

const newOrder = z.object({
  cartId: z.uuid(),
  userId: z.number().int().min(1).max(2_147_483_647),
  address: z.object({
    name: textInput(100),
    street: textInput(200),
    city: textInput(100),
    postcode: textInput(20),
    country: textInput(60),
  }),
})
export type NewOrder = z.output<typeof newOrder>

async function requireOrder(database: Pool, id: number): Promise<object> {
  const order = await findOrder(database, id)
  if (order === undefined) throw storeErrors.NOT_FOUND({ what: 'order', id: String(id) })
  return order
}

export function orderRoutes(app: FastifyInstance, context: ShopContext): void {
  const { cache, database } = context

  app.post('/orders', async (request, reply) => {
    const input = parseInput('body', newOrder, request.body)
    const { orderId, soldOut } = await placeOrder(database, input)
    // The page of a product that has just sold out must say so; the others need not be read again.
    const stale = soldOut.map(productTag)
    if (stale.length > 0) void reply.headers(staleInFront(stale))
    await cache.invalidateTags(stale)
    return reply
      .code(201)
      .header('location', `/orders/${orderId}`)
      .send(await requireOrder(database, orderId))
  })

  app.get('/orders/:orderId', (request) => {
    const { orderId } = parseInput('path', orderParams, request.params)
    return requireOrder(database, orderId)
  })

  app.get('/users/:userId/orders', (request) => {
    const { userId } = parseInput('path', userParams, request.params)
    return listOrders(database, userId, parseInput('query', pageInput, request.query))
  })
}
