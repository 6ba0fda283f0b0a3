import { idInput, limitInput, parseInput, storeErrors } from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ContentContext } from '../app.ts'
import { findPost, listPostsOf, loadFeed } from '../post-queries.ts'

const userParams = z.object({ userId: idInput })
const postParams = z.object({ postId: idInput })
const pageInput = z.object({ limit: limitInput(20, 50), before: idInput.optional() })

export function feedRoutes(app: FastifyInstance, { cache, database }: ContentContext): void {
  // 2 minutes (POST_FEED), which is how old a feed may be: nothing invalidates it.
  app.get('/feed/:userId', cache.hooks('POST_FEED', { forEveryone: true }), (request) => {
    const { userId } = parseInput('path', userParams, request.params)
    return loadFeed(database, userId, parseInput('query', pageInput, request.query))
  })

  app.get('/posts/:postId', async (request) => {
    const { postId } = parseInput('path', postParams, request.params)
    const post = await findPost(database, postId)
    if (post === undefined) throw storeErrors.NOT_FOUND({ what: 'post', id: String(postId) })
    return post
  })

  app.get('/users/:userId/posts', async (request) => {
    const { userId } = parseInput('path', userParams, request.params)
    const { limit } = parseInput('query', pageInput, request.query)
    return { items: await listPostsOf(database, userId, limit) }
  })
}
