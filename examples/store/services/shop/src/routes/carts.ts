import { idInput, parseInput, storeErrors } from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ShopContext } from '../app.ts'
import { loadCart } from '../cart-queries.ts'

/** Different products in one cart. */
const MAX_LINES = 50

const cartParams = z.object({ cartId: z.uuid() })
const lineParams = z.object({ cartId: z.uuid(), productId: idInput })
const quantityInput = z.object({ quantity: z.number().int().min(1).max(99) })

/** A cart's id is random and known to its visitor only: whoever has it may change the cart. */
export function cartRoutes(app: FastifyInstance, { database }: ShopContext): void {
  app.post('/carts', async (_request, reply) => {
    const { rows } = await database.query<{ id: string }>('INSERT INTO carts DEFAULT VALUES RETURNING id')
    return reply.code(201).send(await loadCart(database, rows[0]?.id ?? ''))
  })

  app.get('/carts/:cartId', (request) => {
    const { cartId } = parseInput('path', cartParams, request.params)
    return loadCart(database, cartId)
  })

  app.put('/carts/:cartId/items/:productId', async (request) => {
    const { cartId, productId } = parseInput('path', lineParams, request.params)
    const { quantity } = parseInput('body', quantityInput, request.body)
    const cart = await loadCart(database, cartId)
    if (cart.items.length >= MAX_LINES && !cart.items.some((item) => item.product.id === productId)) {
      throw storeErrors.CART_FULL({ max: MAX_LINES })
    }
    const { rowCount } = await database.query(
      `INSERT INTO cart_items (cart_id, product_id, quantity)
       SELECT $1, id, $3 FROM products WHERE id = $2
       ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity`,
      [cartId, productId, quantity],
    )
    if (rowCount === 0) throw storeErrors.NOT_FOUND({ what: 'product', id: String(productId) })
    return loadCart(database, cartId)
  })

  app.delete('/carts/:cartId/items/:productId', async (request) => {
    const { cartId, productId } = parseInput('path', lineParams, request.params)
    await database.query('DELETE FROM cart_items WHERE cart_id = $1 AND product_id = $2', [cartId, productId])
    return loadCart(database, cartId)
  })
}
