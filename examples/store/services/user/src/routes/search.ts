import { describePicture } from '@millrace-store/store/data'
import { limitInput, offsetInput, parseInput, prefixQuery, textInput } from '@millrace-store/store/service'
import { Router } from 'express'
import { z } from 'zod'
import type { UserContext } from '../app.ts'
import { SEARCH_TAG } from './profiles.ts'

const searchInput = z.object({ q: textInput(100), limit: limitInput(20, 50), offset: offsetInput })

interface FoundRow {
  id: number
  username: string
  display_name: string
  city: string
  country: string
  picture: number
  skills: string[]
}

/** Members by the beginnings of words in their name or place, or by a skill. */
export function searchRoutes({ cache, database }: UserContext): Router {
  const router = Router()

  // 5 minutes (SEARCH_RESULTS), or until a profile or a skill changes.
  const cacheResults = cache.middleware('SEARCH_RESULTS', { forEveryone: true, tags: () => [SEARCH_TAG] })

  router.get('/search', cacheResults, async (request, response) => {
    const { q, limit, offset } = parseInput('query', searchInput, request.query)
    const { rows } = await database.query<FoundRow>(
      `SELECT u.id, u.username, u.display_name, u.city, u.country, u.picture,
         ARRAY(SELECT name FROM skills WHERE user_id = u.id ORDER BY level DESC, name) AS skills
       FROM users u
       WHERE u.is_active AND (u.search @@ to_tsquery('simple', $1)
         OR u.id IN (SELECT user_id FROM skills WHERE to_tsvector('simple', name) @@ to_tsquery('simple', $1)))
       ORDER BY u.display_name, u.id LIMIT $2 OFFSET $3`,
      [prefixQuery(q), limit, offset],
    )
    const items = rows.map(({ display_name, picture, ...row }) => ({
      ...row,
      displayName: display_name,
      picture: describePicture(picture),
    }))
    response.json({ items })
  })

  return router
}
