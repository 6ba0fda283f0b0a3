import { describePicture, type PictureView } from '@millrace-store/store/data'
import type { Pool } from 'pg'

export interface PostRow {
  id: number
  author_id: number
  display_name: string
  title: string
  body: string
  picture: number | null
  like_count: number
  comment_count: number
  created_at: Date
}

export interface Post {
  id: number
  author: { id: number; name: string }
  title: string
  body: string
  picture: PictureView | null
  likes: number
  comments: number
  createdAt: string
}

const COLUMNS =
  'p.id, p.author_id, a.display_name, p.title, p.body, p.picture, p.like_count, p.comment_count, p.created_at'

const presentPost = (row: PostRow): Post => ({
  id: row.id,
  author: { id: row.author_id, name: row.display_name },
  title: row.title,
  body: row.body,
  picture: row.picture === null ? null : describePicture(row.picture),
  likes: row.like_count,
  comments: row.comment_count,
  createdAt: row.created_at.toISOString(),
})

/**
 * The newest posts of those whom a member follows and the member's own, and beside them everybody's best of the
 * week: a feed must not be empty for somebody who follows nobody.
 */
export async function loadFeed(
  database: Pool,
  userId: number,
  page: { limit: number; before?: number | undefined },
): Promise<{ items: Post[]; nextBefore: number | null }> {
  const { rows } = await database.query<PostRow>(
    `SELECT ${COLUMNS} FROM posts p JOIN authors a ON a.id = p.author_id
     WHERE ($2::int IS NULL OR p.id < $2)
       AND (p.author_id = $1
         OR p.author_id IN (SELECT followee_id FROM follows WHERE follower_id = $1)
         OR (p.visibility = 'public' AND p.like_count >= 60))
     ORDER BY p.id DESC LIMIT $3`,
    [userId, page.before ?? null, page.limit],
  )
  const last = rows.length === page.limit ? rows.at(-1) : undefined
  return { items: rows.map(presentPost), nextBefore: last?.id ?? null }
}

export async function findPost(database: Pool, id: number): Promise<Post | undefined> {
  const { rows } = await database.query<PostRow>(
    `SELECT ${COLUMNS} FROM posts p JOIN authors a ON a.id = p.author_id WHERE p.id = $1`,
    [id],
  )
  return rows[0] && presentPost(rows[0])
}

export async function listPostsOf(database: Pool, userId: number, limit: number): Promise<Post[]> {
  const { rows } = await database.query<PostRow>(
    `SELECT ${COLUMNS} FROM posts p JOIN authors a ON a.id = p.author_id
     WHERE p.author_id = $1 AND p.visibility = 'public' ORDER BY p.created_at DESC, p.id DESC LIMIT $2`,
    [userId, limit],
  )
  return rows.map(presentPost)
}
