import { describePicture } from '@millrace-store/store/data'
import {
  limitInput,
  offsetInput,
  parseInput,
  prefixQuery,
  storeErrors,
  textInput,
} from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ContentContext } from '../app.ts'

const listInput = z.object({
  limit: limitInput(25, 100),
  offset: offsetInput,
  topic: textInput(60).optional(),
  search: textInput(100).optional(),
})
const slugParams = z.object({
  slug: z.string().regex(/^[a-z0-9-]{1,120}$/, 'lower-case letters, digits and hyphens'),
})

interface WikiRow {
  slug: string
  topic: string
  title: string
  summary: string
  body: string
  picture: number | null
  revision: number
  updated_at: Date
}

const presentPage = ({
  picture,
  updated_at,
  ...page
}: Omit<WikiRow, 'body'> & { body?: string }): object => ({
  ...page,
  picture: picture === null ? null : describePicture(picture),
  updatedAt: updated_at.toISOString(),
})

export function wikiRoutes(app: FastifyInstance, { database }: ContentContext): void {
  app.get('/wiki', async (request) => {
    const { limit, offset, topic, search } = parseInput('query', listInput, request.query)
    const filter = `WHERE ($1::text IS NULL OR topic = $1) AND ($2::text IS NULL OR search @@ to_tsquery('simple', $2))`
    const values = [topic ?? null, search === undefined ? null : prefixQuery(search)]
    const [pages, total] = await Promise.all([
      database.query<Omit<WikiRow, 'body'>>(
        `SELECT slug, topic, title, summary, picture, revision, updated_at FROM wiki_pages ${filter}
         ORDER BY title LIMIT $3 OFFSET $4`,
        [...values, limit, offset],
      ),
      database.query<{ count: number }>(`SELECT count(*)::int AS count FROM wiki_pages ${filter}`, values),
    ])
    return { items: pages.rows.map(presentPage), total: total.rows[0]?.count ?? 0 }
  })

  app.get('/wiki/topics', async () => {
    const { rows } = await database.query<{ name: string; pages: number }>(
      'SELECT topic AS name, count(*)::int AS pages FROM wiki_pages GROUP BY topic ORDER BY topic',
    )
    return { items: rows }
  })

  app.get('/wiki/pages/:slug', async (request) => {
    const { slug } = parseInput('path', slugParams, request.params)
    const { rows } = await database.query<WikiRow>(
      'SELECT slug, topic, title, summary, body, picture, revision, updated_at FROM wiki_pages WHERE slug = $1',
      [slug],
    )
    if (rows[0] === undefined) throw storeErrors.NOT_FOUND({ what: 'wiki page', id: slug })
    return presentPage(rows[0])
  })
}
