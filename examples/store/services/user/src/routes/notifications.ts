import { limitInput, offsetInput, parseInput } from '@millrace-store/store/service'
import { Router } from 'express'
import { z } from 'zod'
import type { UserContext } from '../app.ts'
import { userParams } from './profiles.ts'

const pageInput = z.object({
  limit: limitInput(20, 100),
  offset: offsetInput,
  unread: z.enum(['true', 'false']).default('false'),
})
const readInput = z.object({
  ids: z.array(z.number().int().min(1).max(2_147_483_647)).min(1).max(200).optional(),
})

interface NotificationRow {
  id: number
  kind: string
  body: string
  is_read: boolean
  created_at: Date
}

export function notificationRoutes({ database }: UserContext): Router {
  const router = Router()

  router.get('/users/:userId/notifications', async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    const { limit, offset, unread } = parseInput('query', pageInput, request.query)
    const [page, count] = await Promise.all([
      database.query<NotificationRow>(
        `SELECT id, kind, body, is_read, created_at FROM notifications
         WHERE user_id = $1 AND (NOT $2 OR NOT is_read) ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4`,
        [userId, unread === 'true', limit, offset],
      ),
      database.query<{ unread: number }>(
        'SELECT count(*)::int AS unread FROM notifications WHERE user_id = $1 AND NOT is_read',
        [userId],
      ),
    ])
    const items = page.rows.map(({ is_read, created_at, ...row }) => ({
      ...row,
      isRead: is_read,
      createdAt: created_at.toISOString(),
    }))
    response.json({ items, unread: count.rows[0]?.unread ?? 0 })
  })

  /** Without `ids`: all of them. */
  router.post('/users/:userId/notifications/read', async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    const { ids } = parseInput('body', readInput, request.body ?? {})
    const { rowCount } = await database.query(
      `UPDATE notifications SET is_read = true
       WHERE user_id = $1 AND NOT is_read AND ($2::int[] IS NULL OR id = ANY ($2))`,
      [userId, ids ?? null],
    )
    response.json({ read: rowCount ?? 0 })
  })

  return router
}
