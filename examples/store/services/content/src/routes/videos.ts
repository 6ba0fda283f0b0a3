import { describePicture } from '@millrace-store/store/data'
import { idInput, limitInput, offsetInput, parseInput, storeErrors } from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ContentContext } from '../app.ts'

const videoParams = z.object({ videoId: idInput })
const pageInput = z.object({ limit: limitInput(24, 100), offset: offsetInput })

interface VideoRow {
  id: number
  author_id: number
  display_name: string
  title: string
  description: string
  poster: number
  duration_seconds: number
  view_count: number
  created_at: Date
}

/** `stream` is null: the store has posters and descriptions so far, and no video files. */
const presentVideo = (row: VideoRow): object => ({
  id: row.id,
  author: { id: row.author_id, name: row.display_name },
  title: row.title,
  description: row.description,
  poster: describePicture(row.poster),
  durationSeconds: row.duration_seconds,
  views: row.view_count,
  createdAt: row.created_at.toISOString(),
  stream: null,
})

const SELECT_VIDEO = 'SELECT v.*, a.display_name FROM videos v JOIN authors a ON a.id = v.author_id'

export function videoRoutes(app: FastifyInstance, { database }: ContentContext): void {
  app.get('/videos', async (request) => {
    const { limit, offset } = parseInput('query', pageInput, request.query)
    const [videos, total] = await Promise.all([
      database.query<VideoRow>(`${SELECT_VIDEO} ORDER BY v.created_at DESC, v.id DESC LIMIT $1 OFFSET $2`, [
        limit,
        offset,
      ]),
      database.query<{ count: number }>('SELECT count(*)::int AS count FROM videos'),
    ])
    return { items: videos.rows.map(presentVideo), total: total.rows[0]?.count ?? 0 }
  })

  app.get('/videos/:videoId', async (request) => {
    const { videoId } = parseInput('path', videoParams, request.params)
    const { rows } = await database.query<VideoRow>(`${SELECT_VIDEO} WHERE v.id = $1`, [videoId])
    if (rows[0] === undefined) throw storeErrors.NOT_FOUND({ what: 'video', id: String(videoId) })
    return presentVideo(rows[0])
  })
}
