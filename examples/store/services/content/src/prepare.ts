import { createLogger } from '@millrace/core'
import { continueIdentity, insertRows, migrate } from '@millrace-store/store/migrate'
import { requireSetting } from '@millrace-store/store/service'
import type { Client } from 'pg'
import { migrations } from './migrations.ts'

// Run by the platform before the first instance starts (`prepare` in millrace.config.ts).

async function seed(client: Client): Promise<void> {
  const { createMembers, startOfDay } = await import('@millrace-store/store/data')
  const { createComments, createFollows, createPosts } = await import('./seed/posts.ts')
  const { createWikiPages } = await import('./seed/wiki.ts')
  const { createVideos } = await import('./seed/videos.ts')
  const anchor = startOfDay(new Date())
  const authors = createMembers().map(({ id, displayName }) => ({ id, display_name: displayName }))
  const posts = createPosts(anchor)
  await insertRows(client, 'authors', authors)
  await insertRows(client, 'follows', createFollows())
  await insertRows(client, 'posts', posts)
  await insertRows(client, 'comments', createComments(posts, anchor))
  await client.query(`
    UPDATE posts SET comment_count = c.count
    FROM (SELECT post_id, count(*) AS count FROM comments GROUP BY post_id) c WHERE c.post_id = posts.id`)
  await insertRows(client, 'wiki_pages', createWikiPages(anchor))
  await insertRows(client, 'videos', createVideos(anchor))
  await continueIdentity(client, ['posts'])
}

const logger = createLogger({ bindings: { component: 'content-prepare' } })
const result = await migrate({ url: requireSetting('DATABASE_URL'), migrations, seed })
logger.info(result, 'content database is ready')
