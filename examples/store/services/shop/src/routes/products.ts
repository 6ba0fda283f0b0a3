import { describePicture, PICTURES } from '@millrace-store/store/data'
import {
  idInput,
  keptInFront,
  limitInput,
  parseInput,
  staleInFront,
  storeErrors,
  textInput,
} from '@millrace-store/store/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ShopContext } from '../app.ts'
import { loadBestsellers } from '../bestsellers.ts'
import { findProduct, listInput, listProducts, presentProduct, type ProductRow } from '../product-queries.ts'

export const PRODUCT_LIST_TAG = 'products'
export const productTag = (id: number): string => `product:${id}`

const idParams = z.object({ id: idInput })

const bestsellersInput = z.object({ limit: limitInput(12, 48) })

const newProduct = z.object({
  sku: z.string().regex(/^[A-Z0-9-]{3,32}$/, 'capital letters, digits and hyphens, 3 to 32 of them'),
  title: textInput(200),
  description: textInput(2_000),
  category: textInput(40),
  format: textInput(60),
  artist: textInput(100),
  priceCents: z.number().int().min(1).max(100_000_000),
  picture: z
    .number()
    .int()
    .min(0)
    .max(PICTURES.length - 1),
  stock: z.number().int().min(0).max(1_000_000).nullable().default(null),
})

export function productRoutes(app: FastifyInstance, context: ShopContext): void {
  const { cache, database } = context

  // 10 minutes (PRODUCTS), here and in the gateway.
  const listHeaders = keptInFront(600, [PRODUCT_LIST_TAG])
  const cacheList = cache.hooks('PRODUCTS', { forEveryone: true, tags: () => [PRODUCT_LIST_TAG] })

  app.get('/public/products', cacheList, async (request, reply) => {
    const page = await listProducts(database, parseInput('query', listInput, request.query))
    return reply.headers(listHeaders).send(page)
  })

  app.get('/public/categories', cacheList, async (_request, reply) => {
    const { rows } = await database.query<{ name: string; products: number }>(
      `SELECT category AS name, count(*)::int AS products FROM products
       GROUP BY category ORDER BY count(*) DESC, category`,
    )
    // The whole photographs come first among the pictures: a different one for each.
    const items = rows.map((row, index) => ({ ...row, picture: describePicture(index) }))
    return reply.headers(listHeaders).send({ items })
  })

  // Not the response but the result of the query is kept, for 5 minutes.
  app.get('/public/bestsellers', async (request) => {
    const { limit } = parseInput('query', bestsellersInput, request.query)
    return { items: await loadBestsellers({ cache, database, limit, tags: [PRODUCT_LIST_TAG] }) }
  })

  // 15 minutes (PRODUCT_DETAILS), here and in the gateway.
  const cacheProduct = cache.hooks<FastifyRequest>('PRODUCT_DETAILS', {
    forEveryone: true,
    tags: (request) => [productTag(parseInput('path', idParams, request.params).id)],
  })

  app.get('/public/products/:id', cacheProduct, async (request, reply) => {
    const { id } = parseInput('path', idParams, request.params)
    const product = await findProduct(database, id)
    if (product === undefined) throw storeErrors.NOT_FOUND({ what: 'product', id: String(id) })
    return reply.headers(keptInFront(900, [productTag(id)])).send(product)
  })

  app.post('/products', async (request, reply) => {
    const input = parseInput('body', newProduct, request.body)
    const { rows } = await database.query<ProductRow>(
      `INSERT INTO products (sku, title, description, category, format, artist, price_cents, picture, stock)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (sku) DO NOTHING RETURNING *`,
      [
        input.sku,
        input.title,
        input.description,
        input.category,
        input.format,
        input.artist,
        input.priceCents,
        input.picture,
        input.stock,
      ],
    )
    const [row] = rows
    if (row === undefined) throw storeErrors.DUPLICATE({ field: 'sku', value: input.sku })
    await cache.invalidateTags([PRODUCT_LIST_TAG])
    return reply
      .code(201)
      .headers({ location: `/public/products/${row.id}`, ...staleInFront([PRODUCT_LIST_TAG]) })
      .send(presentProduct(row))
  })
}
