import { createLogger } from '@millrace/core'
import { continueIdentity, insertRows, migrate } from '@millrace-store/store/migrate'
import { requireSetting } from '@millrace-store/store/service'
import type { Client } from 'pg'
import { migrations } from './migrations.ts'

// Run by the platform before the first instance starts (`prepare` in millrace.config.ts).

async function seed(client: Client): Promise<void> {
  // Loaded on the first start only: later ones should take no time.
  const { startOfDay } = await import('@millrace-store/store/data')
  const { createProducts } = await import('./seed/products.ts')
  const { createReviews } = await import('./seed/reviews.ts')
  const { createOrders } = await import('./seed/orders.ts')
  const anchor = startOfDay(new Date())
  const products = createProducts(anchor)
  await insertRows(client, 'products', products)
  await insertRows(client, 'reviews', createReviews(products, anchor))
  await client.query(`
    UPDATE products SET rating_sum = r.sum, rating_count = r.count
    FROM (SELECT product_id, sum(rating) AS sum, count(*) AS count FROM reviews GROUP BY product_id) r
    WHERE r.product_id = products.id`)
  const { orders, items, payments } = createOrders(products, anchor)
  await insertRows(client, 'orders', orders)
  await insertRows(client, 'order_items', items)
  await insertRows(client, 'payments', payments)
  await continueIdentity(client, ['products', 'orders'])
}

const logger = createLogger({ bindings: { component: 'shop-prepare' } })
const result = await migrate({ url: requireSetting('DATABASE_URL'), migrations, seed })
logger.info(result, 'shop database is ready')
