import { storeErrors } from '@millrace-store/store/service'
import type { Pool, PoolClient } from 'pg'
import { cartLines } from './cart-queries.ts'
import { shippingCents } from './pricing.ts'
import type { NewOrder } from './routes/orders.ts'

export interface PlacedOrder {
  orderId: number
  /** Products of which this order took the last one. */
  soldOut: number[]
}

/**
 * Turns a cart into an order: prices as they are now, stock taken, cart emptied, all or nothing.
 * @throws STORE_CART_EMPTY, STORE_SOLD_OUT
 */
export async function placeOrder(database: Pool, input: NewOrder): Promise<PlacedOrder> {
  const client = await database.connect()
  try {
    await client.query('BEGIN')
    const placed = await placeWithin(client, input)
    await client.query('COMMIT')
    client.release()
    return placed
  } catch (error) {
    // A connection that cannot even roll back is not given back to the pool.
    await client.query('ROLLBACK').then(
      () => client.release(),
      (failure: Error) => client.release(failure),
    )
    throw error
  }
}

async function placeWithin(client: PoolClient, { cartId, userId, address }: NewOrder): Promise<PlacedOrder> {
  // Locked in the order of their ids, so that two orders for the same products wait instead of deadlocking.
  const lines = await cartLines(client, cartId, true)
  if (lines.length === 0) throw storeErrors.CART_EMPTY({ cartId })
  for (const { id, stock, quantity } of lines) {
    if (stock !== null && stock < quantity) throw storeErrors.SOLD_OUT({ productId: id, left: stock })
  }
  const itemsCents = lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0)
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO orders (user_id, status, items_cents, shipping_cents, name, street, city, postcode, country)
     VALUES ($1, 'pending', $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    [
      userId,
      itemsCents,
      shippingCents(itemsCents),
      address.name,
      address.street,
      address.city,
      address.postcode,
      address.country,
    ],
  )
  const orderId = rows[0]?.id ?? 0
  await client.query(
    `INSERT INTO order_items (order_id, product_id, title, quantity, price_cents)
     SELECT $1, p.id, p.title, i.quantity, p.price_cents
     FROM cart_items i JOIN products p ON p.id = i.product_id WHERE i.cart_id = $2`,
    [orderId, cartId],
  )
  await client.query(
    `UPDATE products p SET stock = p.stock - i.quantity
     FROM cart_items i WHERE i.cart_id = $1 AND i.product_id = p.id AND p.stock IS NOT NULL`,
    [cartId],
  )
  await client.query('DELETE FROM cart_items WHERE cart_id = $1', [cartId])
  return { orderId, soldOut: lines.filter((line) => line.stock === line.quantity).map((line) => line.id) }
}
