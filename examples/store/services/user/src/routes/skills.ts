import { parseInput, storeErrors, textInput } from '@millrace-store/store/service'
import { Router, type Request } from 'express'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { UserContext } from '../app.ts'
import { SEARCH_TAG, userParams } from './profiles.ts'

const newSkill = z.object({ name: textInput(60), level: z.number().int().min(1).max(5) })

const skillsTag = (userId: number): string => `skills:${userId}`

async function requireMember(database: Pool, userId: number): Promise<void> {
  const { rowCount } = await database.query('SELECT 1 FROM users WHERE id = $1 AND is_active', [userId])
  if (rowCount === 0) throw storeErrors.NOT_FOUND({ what: 'member', id: String(userId) })
}

export function skillRoutes({ cache, database }: UserContext): Router {
  const router = Router()

  // 10 minutes (USER_SKILLS), or until the member adds one.
  const cacheSkills = cache.middleware<Request>('USER_SKILLS', {
    forEveryone: true,
    tags: (request) => [skillsTag(parseInput('path', userParams, request.params).userId)],
  })

  router.get('/users/:userId/skills', cacheSkills, async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    await requireMember(database, userId)
    const { rows } = await database.query<{ name: string; level: number }>(
      'SELECT name, level FROM skills WHERE user_id = $1 ORDER BY level DESC, name',
      [userId],
    )
    response.json({ items: rows })
  })

  router.post('/users/:userId/skills', async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    const { name, level } = parseInput('body', newSkill, request.body)
    await requireMember(database, userId)
    // Adding a skill again sets its level.
    await database.query(
      `INSERT INTO skills (user_id, name, level) VALUES ($1, $2, $3)
       ON CONFLICT (user_id, name) DO UPDATE SET level = excluded.level`,
      [userId, name, level],
    )
    await cache.invalidateTags([skillsTag(userId), SEARCH_TAG])
    response.status(201).json({ name, level })
  })

  return router
}
