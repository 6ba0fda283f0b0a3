import type { Pool } from 'pg'
import { CURRENCY } from './pricing.ts'

interface OrderRow {
  id: number
  user_id: number
  status: string
  items_cents: number
  shipping_cents: number
  name: string
  street: string
  city: string
  postcode: string
  country: string
  created_at: Date
  items: { productId: number; title: string; quantity: number; priceCents: number }[]
  payments: { provider: string; status: string; amountCents: number; reference: string }[]
}

const SELECT_ORDER = `
  SELECT o.*,
    (SELECT coalesce(json_agg(json_build_object('productId', product_id, 'title', title, 'quantity', quantity,
       'priceCents', price_cents) ORDER BY product_id), '[]') FROM order_items WHERE order_id = o.id) AS items,
    (SELECT coalesce(json_agg(json_build_object('provider', provider, 'status', status, 'amountCents', amount_cents,
       'reference', reference) ORDER BY id), '[]') FROM payments WHERE order_id = o.id) AS payments
  FROM orders o`

const presentOrder = (row: OrderRow): object => ({
  id: row.id,
  userId: row.user_id,
  status: row.status,
  items: row.items,
  itemsCents: row.items_cents,
  shippingCents: row.shipping_cents,
  totalCents: row.items_cents + row.shipping_cents,
  currency: CURRENCY,
  address: {
    name: row.name,
    street: row.street,
    city: row.city,
    postcode: row.postcode,
    country: row.country,
  },
  payments: row.payments,
  createdAt: row.created_at.toISOString(),
})

export async function findOrder(database: Pool, id: number): Promise<object | undefined> {
  const { rows } = await database.query<OrderRow>(`${SELECT_ORDER} WHERE o.id = $1`, [id])
  return rows[0] && presentOrder(rows[0])
}

/** The newest first. */
export async function listOrders(
  database: Pool,
  userId: number,
  page: { limit: number; offset: number },
): Promise<{ items: object[]; total: number }> {
  const [{ rows }, total] = await Promise.all([
    database.query<OrderRow>(
      `${SELECT_ORDER} WHERE o.user_id = $1 ORDER BY o.created_at DESC, o.id DESC LIMIT $2 OFFSET $3`,
      [userId, page.limit, page.offset],
    ),
    database.query<{ count: number }>('SELECT count(*)::int AS count FROM orders WHERE user_id = $1', [
      userId,
    ]),
  ])
  return { items: rows.map(presentOrder), total: total.rows[0]?.count ?? 0 }
}
