import { createMembers, createRandom, pastMoment } from '@millrace-store/store/data'
import { shippingCents } from '../pricing.ts'
import type { ProductRow } from './products.ts'

export const ORDER_COUNT = 10_000
const DAYS = 730

const STREETS = [
  'Mill Lane',
  'Harbour Street',
  'Station Road',
  'Garden Row',
  'Church Hill',
  'Canal Side',
  'Market Place',
]

function orderStatus(ageDays: number, roll: number): string {
  if (roll < 0.04) return 'cancelled'
  if (ageDays > 12) return 'delivered'
  return ageDays > 4 ? 'shipped' : roll < 0.15 ? 'pending' : 'paid'
}

/** Two years of orders with their lines and payments, oldest first, so that ids rise with time. */
export function createOrders(
  products: readonly ProductRow[],
  anchor: Date,
): { orders: object[]; items: object[]; payments: object[] } {
  const random = createRandom('orders')
  const members = createMembers()
  const moments = Array.from({ length: ORDER_COUNT }, () => pastMoment(random, anchor, DAYS)).sort(
    (a, b) => a.getTime() - b.getTime(),
  )
  const orders: object[] = []
  const items: object[] = []
  const payments: object[] = []
  for (const [index, moment] of moments.entries()) {
    const id = index + 1
    const member = random.pick(members)
    const lines = new Map<number, { product: ProductRow; quantity: number }>()
    for (let n = random.int(1, 4); n > 0; n--) {
      const product = products[random.popular(products.length)] as ProductRow
      lines.set(product.id, { product, quantity: random.chance(0.8) ? 1 : random.int(2, 4) })
    }
    let itemsCents = 0
    for (const { product, quantity } of lines.values()) {
      itemsCents += product.price_cents * quantity
      const { id: product_id, title, price_cents } = product
      items.push({ order_id: id, product_id, title, quantity, price_cents })
    }
    const shipping = shippingCents(itemsCents)
    const status = orderStatus((anchor.getTime() - moment.getTime()) / 86_400_000, random.next())
    orders.push({
      id,
      user_id: member.id,
      status,
      items_cents: itemsCents,
      shipping_cents: shipping,
      name: member.displayName,
      street: `${random.pick(STREETS)} ${random.int(1, 120)}`,
      city: member.city,
      postcode: String(random.int(10_000, 99_999)),
      country: member.country,
      created_at: moment,
    })
    if (status !== 'pending' && status !== 'cancelled') {
      payments.push({
        order_id: id,
        provider: 'simulated',
        status: 'approved',
        amount_cents: itemsCents + shipping,
        reference: `SIM-${id.toString(36).toUpperCase().padStart(6, '0')}`,
        created_at: moment,
      })
    }
  }
  return { orders, items, payments }
}
