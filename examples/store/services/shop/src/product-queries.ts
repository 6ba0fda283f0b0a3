import { describePicture, type PictureView } from '@millrace-store/store/data'
import { limitInput, prefixQuery, textInput } from '@millrace-store/store/service'
import type { Pool } from 'pg'
import { z } from 'zod'
import { CURRENCY } from './pricing.ts'

export const SORTS = ['newest', 'price-asc', 'price-desc', 'rating', 'title'] as const

const ORDER_BY: Record<(typeof SORTS)[number], string> = {
  newest: 'created_at DESC, id DESC',
  'price-asc': 'price_cents, id',
  'price-desc': 'price_cents DESC, id',
  rating: 'rating_sum::real / greatest(rating_count, 1) DESC, rating_count DESC, id',
  title: 'title, id',
}

export const listInput = z.object({
  page: z.coerce.number().int().min(1).max(1_000).default(1),
  pageSize: limitInput(24, 96),
  category: textInput(40).optional(),
  sort: z.enum(SORTS).default('newest'),
  search: textInput(100).optional(),
  minPriceCents: z.coerce.number().int().min(0).max(100_000_000).optional(),
  maxPriceCents: z.coerce.number().int().min(0).max(100_000_000).optional(),
})
export type ListInput = z.output<typeof listInput>

export interface ProductRow {
  id: number
  sku: string
  title: string
  description: string
  category: string
  format: string
  artist: string
  price_cents: number
  picture: number
  stock: number | null
  rating_sum: number
  rating_count: number
  created_at: Date
}

export interface ProductSummary {
  id: number
  sku: string
  title: string
  category: string
  format: string
  artist: string
  priceCents: number
  currency: string
  /** Null: made to order, never sold out. */
  stock: number | null
  rating: { average: number | null; count: number }
  picture: PictureView
}

export interface Product extends ProductSummary {
  description: string
  createdAt: string
}

export const summarizeProduct = (row: ProductRow): ProductSummary => ({
  id: row.id,
  sku: row.sku,
  title: row.title,
  category: row.category,
  format: row.format,
  artist: row.artist,
  priceCents: row.price_cents,
  currency: CURRENCY,
  stock: row.stock,
  rating: {
    average: row.rating_count === 0 ? null : Math.round((row.rating_sum / row.rating_count) * 10) / 10,
    count: row.rating_count,
  },
  picture: describePicture(row.picture),
})

export const presentProduct = (row: ProductRow): Product => ({
  ...summarizeProduct(row),
  description: row.description,
  createdAt: row.created_at.toISOString(),
})

export interface ProductPage {
  items: ProductSummary[]
  page: number
  pageSize: number
  total: number
  pages: number
}

export async function listProducts(database: Pool, input: ListInput): Promise<ProductPage> {
  const conditions: string[] = []
  const values: unknown[] = []
  const where = (condition: (placeholder: string) => string, value: unknown): void => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((p) => `category = ${p}`, input.category)
  where((p) => `price_cents >= ${p}`, input.minPriceCents)
  where((p) => `price_cents <= ${p}`, input.maxPriceCents)
  where(
    (p) => `search @@ to_tsquery('simple', ${p})`,
    input.search === undefined ? undefined : prefixQuery(input.search),
  )
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`

  const [{ rows }, total] = await Promise.all([
    database.query<ProductRow>(
      `SELECT * FROM products ${filter} ORDER BY ${ORDER_BY[input.sort]}
       LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
      [...values, input.pageSize, (input.page - 1) * input.pageSize],
    ),
    database.query<{ count: number }>(`SELECT count(*)::int AS count FROM products ${filter}`, values),
  ])
  const count = total.rows[0]?.count ?? 0
  return {
    items: rows.map(summarizeProduct),
    page: input.page,
    pageSize: input.pageSize,
    total: count,
    pages: Math.ceil(count / input.pageSize),
  }
}

export async function findProduct(database: Pool, id: number): Promise<Product | undefined> {
  const { rows } = await database.query<ProductRow>('SELECT * FROM products WHERE id = $1', [id])
  return rows[0] && presentProduct(rows[0])
}
