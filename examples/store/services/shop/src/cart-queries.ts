import { storeErrors } from '@millrace-store/store/service'
import type { Pool, PoolClient } from 'pg'
import { CURRENCY, shippingCents } from './pricing.ts'
import { summarizeProduct, type ProductRow, type ProductSummary } from './product-queries.ts'

export interface Cart {
  id: string
  items: { product: ProductSummary; quantity: number; totalCents: number }[]
  itemsCents: number
  shippingCents: number
  totalCents: number
  currency: string
}

/** The lines of a cart with their products; products that sell out are locked when `lock` is set. */
export async function cartLines(
  database: Pool | PoolClient,
  cartId: string,
  lock = false,
): Promise<(ProductRow & { quantity: number })[]> {
  const { rows } = await database.query<ProductRow & { quantity: number }>(
    `SELECT p.*, i.quantity FROM cart_items i JOIN products p ON p.id = i.product_id
     WHERE i.cart_id = $1 ORDER BY p.id ${lock ? 'FOR UPDATE' : ''}`,
    [cartId],
  )
  return rows
}

/** @throws STORE_NOT_FOUND */
export async function loadCart(database: Pool, id: string): Promise<Cart> {
  const { rowCount } = await database.query('SELECT 1 FROM carts WHERE id = $1', [id])
  if (rowCount === 0) throw storeErrors.NOT_FOUND({ what: 'cart', id })
  const lines = await cartLines(database, id)
  const items = lines.map((row) => ({
    product: summarizeProduct(row),
    quantity: row.quantity,
    totalCents: row.price_cents * row.quantity,
  }))
  const itemsCents = items.reduce((sum, item) => sum + item.totalCents, 0)
  const shipping = shippingCents(itemsCents)
  return {
    id,
    items,
    itemsCents,
    shippingCents: shipping,
    totalCents: itemsCents + shipping,
    currency: CURRENCY,
  }
}
