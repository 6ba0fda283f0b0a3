import {
  idInput,
  limitInput,
  offsetInput,
  parseInput,
  storeErrors,
  textInput,
} from '@millrace-store/store/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { ContentContext } from '../app.ts'

const postParams = z.object({ postId: idInput })
const pageInput = z.object({ limit: limitInput(50, 100), offset: offsetInput })
const newComment = z.object({ authorId: z.number().int().min(1).max(2_147_483_647), body: textInput(2_000) })

interface CommentRow {
  id: number
  author_id: number
  display_name: string
  body: string
  created_at: Date
}

interface Comment {
  id: number
  author: { id: number; name: string }
  body: string
  createdAt: string
}

const presentComment = (row: CommentRow): Comment => ({
  id: row.id,
  author: { id: row.author_id, name: row.display_name },
  body: row.body,
  createdAt: row.created_at.toISOString(),
})

const commentsTag = (postId: number): string => `comments:${postId}`

async function listComments(
  database: Pool,
  postId: number,
  page: { limit: number; offset: number },
): Promise<{ items: Comment[]; total: number }> {
  const post = await database.query<{ comment_count: number }>(
    'SELECT comment_count FROM posts WHERE id = $1',
    [postId],
  )
  if (post.rows[0] === undefined) throw storeErrors.NOT_FOUND({ what: 'post', id: String(postId) })
  const { rows } = await database.query<CommentRow>(
    `SELECT c.id, c.author_id, a.display_name, c.body, c.created_at
     FROM comments c JOIN authors a ON a.id = c.author_id
     WHERE c.post_id = $1 ORDER BY c.created_at, c.id LIMIT $2 OFFSET $3`,
    [postId, page.limit, page.offset],
  )
  return { items: rows.map(presentComment), total: post.rows[0].comment_count }
}

export function commentRoutes(app: FastifyInstance, { cache, database }: ContentContext): void {
  // 3 minutes (COMMENTS), or until somebody comments.
  const cacheComments = cache.hooks<FastifyRequest>('COMMENTS', {
    forEveryone: true,
    tags: (request) => [commentsTag(parseInput('path', postParams, request.params).postId)],
  })

  app.get('/posts/:postId/comments', cacheComments, (request) => {
    const { postId } = parseInput('path', postParams, request.params)
    return listComments(database, postId, parseInput('query', pageInput, request.query))
  })

  app.post('/posts/:postId/comments', async (request, reply) => {
    const { postId } = parseInput('path', postParams, request.params)
    const { authorId, body } = parseInput('body', newComment, request.body)
    const author = await database.query<{ display_name: string }>(
      'SELECT display_name FROM authors WHERE id = $1',
      [authorId],
    )
    if (author.rows[0] === undefined) throw storeErrors.MEMBER_UNKNOWN({ memberId: authorId })
    // One statement: the comment and the post's counter change together.
    const { rows } = await database.query<Omit<CommentRow, 'display_name'>>(
      `WITH post AS (UPDATE posts SET comment_count = comment_count + 1 WHERE id = $1 RETURNING id)
       INSERT INTO comments (post_id, author_id, body) SELECT id, $2, $3 FROM post
       RETURNING id, author_id, body, created_at`,
      [postId, authorId, body],
    )
    const [row] = rows
    if (row === undefined) throw storeErrors.NOT_FOUND({ what: 'post', id: String(postId) })
    await cache.invalidateTags([commentsTag(postId)])
    return reply.code(201).send(presentComment({ ...row, display_name: author.rows[0].display_name }))
  })
}
