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
import { z } from 'zod'
import type { ShopContext } from '../app.ts'
import { productTag } from './products.ts'

const idParams = z.object({ id: idInput })
const pageInput = z.object({ limit: limitInput(10, 50), offset: offsetInput })

const newReview = z.object({
  authorId: z.number().int().min(1).max(2_147_483_647),
  authorName: textInput(80),
  rating: z.number().int().min(1).max(5),
  title: textInput(120),
  body: textInput(4_000),
})

interface ReviewRow {
  id: number
  author_id: number
  author_name: string
  rating: number
  title: string
  body: string
  created_at: Date
}

const presentReview = (row: ReviewRow): object => ({
  id: row.id,
  author: { id: row.author_id, name: row.author_name },
  rating: row.rating,
  title: row.title,
  body: row.body,
  createdAt: row.created_at.toISOString(),
})

export function reviewRoutes(app: FastifyInstance, context: ShopContext): void {
  const { cache, database } = context

  app.get('/public/products/:id/reviews', async (request) => {
    const { id } = parseInput('path', idParams, request.params)
    const { limit, offset } = parseInput('query', pageInput, request.query)
    const [{ rows }, histogram] = await Promise.all([
      database.query<ReviewRow>(
        'SELECT * FROM reviews WHERE product_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3',
        [id, limit, offset],
      ),
      database.query<{ rating: number; count: number }>(
        'SELECT rating, count(*)::int AS count FROM reviews WHERE product_id = $1 GROUP BY rating',
        [id],
      ),
    ])
    const counts = Object.fromEntries(histogram.rows.map((row) => [row.rating, row.count]))
    const total = histogram.rows.reduce((sum, row) => sum + row.count, 0)
    return { items: rows.map(presentReview), total, counts }
  })

  app.post('/public/products/:id/reviews', async (request, reply) => {
    const { id } = parseInput('path', idParams, request.params)
    const input = parseInput('body', newReview, request.body)
    // One statement, so that the review and the product's rating change together or not at all.
    const { rows } = await database.query<ReviewRow>(
      `WITH product AS (
         UPDATE products SET rating_sum = rating_sum + $4, rating_count = rating_count + 1 WHERE id = $1 RETURNING id
       )
       INSERT INTO reviews (product_id, author_id, author_name, rating, title, body)
       SELECT id, $2, $3, $4, $5, $6 FROM product RETURNING *`,
      [id, input.authorId, input.authorName, input.rating, input.title, input.body],
    )
    const [row] = rows
    if (row === undefined) throw storeErrors.NOT_FOUND({ what: 'product', id: String(id) })
    // Only the product's page: a list may show the former average for its ten minutes, or it would never be cached.
    await cache.invalidateTags([productTag(id)])
    return reply
      .code(201)
      .headers(staleInFront([productTag(id)]))
      .send(presentReview(row))
  })
}
