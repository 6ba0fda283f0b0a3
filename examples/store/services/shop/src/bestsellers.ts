import type { CacheManager } from '@millrace/cache'
import type { Pool } from 'pg'
import { summarizeProduct, type ProductRow, type ProductSummary } from './product-queries.ts'

export interface Bestseller extends ProductSummary {
  sold: number
}

const DAYS = 90
const TTL_MS = 300_000
/** So long after that, whoever asks gets the former answer while it is made anew. */
const STALE_MS = 600_000

export interface BestsellersOptions {
  cache: CacheManager
  database: Pool
  limit: number
  /** Of what makes the answer stale. */
  tags: readonly string[]
}

/**
 * What sold best lately: a sum over all orders, and hence the result of a query that is worth keeping by itself. Five
 * minutes old at most, unless nobody asked for a while; one instance of the service asks the database for all of them.
 */
export function loadBestsellers({ cache, database, limit, tags }: BestsellersOptions): Promise<Bestseller[]> {
  const query = async (): Promise<Bestseller[]> => {
    const { rows } = await database.query<ProductRow & { sold: number }>(
      `WITH sales AS (
         SELECT product_id, sum(quantity)::int AS sold
         FROM order_items JOIN orders ON orders.id = order_id
         WHERE status <> 'cancelled' AND created_at > now() - make_interval(days => $2)
         GROUP BY product_id ORDER BY sold DESC, product_id LIMIT $1
       )
       SELECT products.*, sold FROM sales JOIN products ON products.id = product_id
       ORDER BY sold DESC, products.id`,
      [limit, DAYS],
    )
    return rows.map((row) => ({ ...summarizeProduct(row), sold: row.sold }))
  }
  const options = { ttlMs: TTL_MS, staleWhileRevalidateMs: STALE_MS, tags }
  return cache.getOrSet('BESTSELLERS', String(limit), query, options)
}
