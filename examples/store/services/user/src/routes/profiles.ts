import { describePicture } from '@millrace-store/store/data'
import { idInput, parseInput, storeErrors, textInput } from '@millrace-store/store/service'
import { Router, type Request } from 'express'
import { z } from 'zod'
import type { UserContext } from '../app.ts'

export const SEARCH_TAG = 'search'
export const profileTag = (userId: number): string => `profile:${userId}`

export const userParams = z.object({ userId: idInput })

const profileChange = z
  .strictObject({
    displayName: textInput(80).optional(),
    bio: textInput(500).optional(),
    city: textInput(80).optional(),
    country: textInput(60).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'name at least one of displayName, bio, city, country')

interface UserRow {
  id: number
  username: string
  display_name: string
  bio: string
  city: string
  country: string
  role: string
  picture: number
  created_at: Date
}

const COLUMNS = 'id, username, display_name, bio, city, country, role, picture, created_at'

/** The e-mail address is nobody's business. */
const presentProfile = (row: UserRow): object => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  bio: row.bio,
  city: row.city,
  country: row.country,
  role: row.role,
  picture: describePicture(row.picture),
  memberSince: row.created_at.toISOString(),
})

export function profileRoutes({ cache, database }: UserContext): Router {
  const router = Router()

  // 10 minutes (USER_PROFILE), or until the member changes it.
  const cacheProfile = cache.middleware<Request>('USER_PROFILE', {
    forEveryone: true,
    tags: (request) => [profileTag(parseInput('path', userParams, request.params).userId)],
  })

  router.get('/profile/:userId', cacheProfile, async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    const { rows } = await database.query<UserRow>(
      `SELECT ${COLUMNS} FROM users WHERE id = $1 AND is_active`,
      [userId],
    )
    if (rows[0] === undefined) throw storeErrors.NOT_FOUND({ what: 'member', id: String(userId) })
    response.json(presentProfile(rows[0]))
  })

  router.put('/profile/:userId', async (request, response) => {
    const { userId } = parseInput('path', userParams, request.params)
    const change = parseInput('body', profileChange, request.body)
    const { rows } = await database.query<UserRow>(
      `UPDATE users SET display_name = coalesce($2, display_name), bio = coalesce($3, bio),
         city = coalesce($4, city), country = coalesce($5, country), updated_at = now()
       WHERE id = $1 AND is_active RETURNING ${COLUMNS}`,
      [userId, change.displayName, change.bio, change.city, change.country],
    )
    if (rows[0] === undefined) throw storeErrors.NOT_FOUND({ what: 'member', id: String(userId) })
    await cache.invalidateTags([profileTag(userId), SEARCH_TAG])
    response.json(presentProfile(rows[0]))
  })

  return router
}
