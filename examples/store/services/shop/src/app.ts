import type { CacheManager } from '@millrace/cache'
import type { Logger } from '@millrace/core'
import { createService } from '@millrace-store/store/fastify'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { cartRoutes } from './routes/carts.ts'
import { orderRoutes } from './routes/orders.ts'
import { paymentRoutes } from './routes/payments.ts'
import { productRoutes } from './routes/products.ts'
import { reviewRoutes } from './routes/reviews.ts'

/** What the routes need; made in main.ts, and in the tests. */
export interface ShopContext {
  logger: Logger
  database: Pool
  cache: CacheManager
}

export function buildShop(context: ShopContext): FastifyInstance {
  const app = createService(context)
  productRoutes(app, context)
  reviewRoutes(app, context)
  cartRoutes(app, context)
  orderRoutes(app, context)
  paymentRoutes(app, context)
  return app
}
