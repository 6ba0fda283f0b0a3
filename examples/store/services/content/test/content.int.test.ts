import type { TestDatabase } from '@millrace/testing'
import { waitFor } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  prepare,
  preparedDatabase,
  startTwo,
  type Served,
  type TwoInstances,
} from '../../../test/fixtures/service.ts'
import { wiringTests } from '../../../test/fixtures/wiring.ts'
import { buildContent } from '../src/app.ts'

let database: TestDatabase
let content: Served
let sibling: Served
let instances: TwoInstances

beforeAll(async () => {
  database = await preparedDatabase('content')
  instances = await startTwo(database.url, buildContent)
  ;[content, sibling] = instances.list
})

afterAll(async () => {
  await instances.close()
  await database.stop()
})

it('has nothing left to prepare at the second start', async () => {
  const result = await prepare('services/content/src/prepare.ts', { DATABASE_URL: database.url })
  expect(result).toMatchObject({ applied: [], seeded: false })
})

describe('feeds', () => {
  it('come newest first and go on where the last page ended', async () => {
    const first = (await content.get('/feed/1?limit=10')).body
    const next = (await content.get(`/feed/1?limit=10&before=${first.nextBefore}`)).body
    const ids = [...first.items, ...next.items].map((post: { id: number }) => post.id)
    expect(ids).toHaveLength(20)
    expect(ids).toEqual([...new Set(ids)].toSorted((a: number, b: number) => b - a))
    expect(first.items[0]).toMatchObject({
      author: { name: expect.any(String) },
      comments: expect.any(Number),
    })
  })

  it('end', async () => {
    expect((await content.get('/feed/1?before=1')).body).toEqual({ items: [], nextBefore: null })
  })

  it('never show followers-only posts to others', async () => {
    const { rows } = await database.pool.query<{ id: number; author_id: number }>(
      "SELECT id, author_id FROM posts WHERE visibility = 'followers' ORDER BY id DESC LIMIT 1",
    )
    const hidden = rows[0]!
    const { rows: strangers } = await database.pool.query<{ id: number }>(
      `SELECT id FROM authors a WHERE id <> $1
       AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = a.id AND followee_id = $1) LIMIT 1`,
      [hidden.author_id],
    )
    const { body } = await content.get(`/feed/${strangers[0]!.id}?limit=50&before=${hidden.id + 1}`)
    expect(body.items.map((post: { id: number }) => post.id)).not.toContain(hidden.id)
  })

  it('are kept for a while', async () => {
    expect((await content.get('/feed/77')).cache).toBe('MISS')
    expect((await content.get('/feed/77')).cache).toBe('HIT')
    expect((await content.get('/feed/78')).cache).toBe('MISS')
  })
})

describe('comments', () => {
  it('are kept until somebody comments, in every instance', async () => {
    const path = '/posts/8000/comments'
    const before = await content.get(path)
    expect((await content.get(path)).cache).toBe('HIT')
    await sibling.get(path)
    const added = await content.send('POST', path, { authorId: 3, body: '  Quite so.  ' })
    expect(added.body).toMatchObject({ author: { id: 3, name: 'Zofia Vargas' }, body: 'Quite so.' })
    const after = await content.get(path)
    expect(after).toMatchObject({ cache: 'MISS', body: { total: before.body.total + 1 } })
    expect((await content.get('/posts/8000')).body.comments).toBe(before.body.total + 1)
    await waitFor(async () => (await sibling.get(path)).body.total === before.body.total + 1)
  })

  it('of one post leave those of others alone', async () => {
    await content.get('/posts/7000/comments')
    await content.send('POST', '/posts/7001/comments', { authorId: 1, body: 'Hm.' })
    expect((await content.get('/posts/7000/comments')).cache).toBe('HIT')
  })

  it('count correctly when many arrive at once', async () => {
    const path = '/posts/6000/comments'
    const before = (await content.get(path)).body.total
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        content.send('POST', path, { authorId: n + 1, body: `Remark ${n}` }),
      ),
    )
    expect((await content.get(path)).body.total).toBe(before + 20)
  })

  it('are refused when wrong', async () => {
    expect((await content.send('POST', '/posts/1/comments', { authorId: 1, body: ' ' })).status).toBe(400)
    expect(
      (await content.send('POST', '/posts/1/comments', { authorId: 999_999, body: 'x' })).body,
    ).toMatchObject({
      status: 422,
      code: 'STORE_MEMBER_UNKNOWN',
    })
    expect((await content.send('POST', '/posts/999999/comments', { authorId: 1, body: 'x' })).status).toBe(
      404,
    )
    expect((await content.get('/posts/999999/comments')).status).toBe(404)
    expect((await content.get('/posts/1/comments?limit=1000')).status).toBe(400)
  })
})

describe('caching as the documents wire it', () => {
  const comment = {
    method: 'POST',
    path: '/posts/5000/comments',
    body: () => ({ authorId: 3, body: 'Wired.' }),
  }
  wiringTests(() => database.url, buildContent, [
    { get: '/feed/91', ttlS: 120 },
    { get: '/posts/5000/comments', ttlS: 180, until: comment },
  ])
})

describe('posts, wiki and videos', () => {
  it('have members’ posts', async () => {
    const { rows } = await database.pool.query<{ author_id: number }>(
      "SELECT author_id FROM posts WHERE visibility = 'public' LIMIT 1",
    )
    const author = rows[0]!.author_id
    const { body } = await content.get(`/users/${author}/posts?limit=3`)
    expect(body.items.length).toBeGreaterThan(0)
    for (const post of body.items) expect(post.author.id).toBe(author)
  })

  it('have 500 wiki pages in 25 topics, searchable', async () => {
    expect((await content.get('/wiki?limit=1')).body.total).toBe(500)
    expect((await content.get('/wiki/topics')).body.items).toHaveLength(25)
    const found = (await content.get('/wiki?search=cyano+toning')).body
    expect(found).toMatchObject({ total: 1, items: [{ slug: 'cyanotype-toning' }] })
    expect((await content.get('/wiki?topic=Cyanotype&limit=5&offset=15')).body.items).toHaveLength(5)
    const page = (await content.get('/wiki/pages/cyanotype-toning')).body
    expect(page).toMatchObject({
      title: 'Cyanotype: Toning',
      body: expect.stringContaining('## In practice'),
    })
    expect((await content.get('/wiki/pages/nothing')).status).toBe(404)
    expect((await content.get('/wiki/pages/..%2F')).status).toBe(400)
  })

  it('have 300 videos, and say that there is nothing to play', async () => {
    const { body } = await content.get('/videos?limit=2')
    expect(body.total).toBe(300)
    expect(body.items[0]).toMatchObject({
      stream: null,
      poster: { src: expect.stringContaining('/images/') },
    })
    expect((await content.get(`/videos/${body.items[0].id}`)).body).toEqual(body.items[0])
    expect((await content.get('/videos/9999')).status).toBe(404)
  })
})
