import type { TestDatabase } from '@millrace/testing'
import { testDatabase, waitFor } from '@millrace/testing'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepare, startTwo, type Served, type TwoInstances } from '../../../test/fixtures/service.ts'
import { wiringTests } from '../../../test/fixtures/wiring.ts'
import { buildUser } from '../src/app.ts'

let database: TestDatabase
let env: Record<string, string>
let user: Served
let sibling: Served
let instances: TwoInstances

beforeAll(async () => {
  database = await testDatabase()
  env = {
    DATABASE_URL: database.url,
    MESSAGES_DATABASE_URL: await database.createDatabase(),
    COLLABORATION_DATABASE_URL: await database.createDatabase(),
  }
  await prepare('services/user/src/prepare.ts', env)
  instances = await startTwo(database.url, buildUser)
  ;[user, sibling] = instances.list
})

afterAll(async () => {
  await instances.close()
  await database.stop()
})

async function count(url: string | undefined, table: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
    return rows[0]?.count ?? 0
  } finally {
    await client.end()
  }
}

describe('prepare', () => {
  it('fills three databases', async () => {
    expect(await count(env['DATABASE_URL'], 'users')).toBe(5_000)
    expect(await count(env['MESSAGES_DATABASE_URL'], 'messages')).toBe(50_000)
    expect(await count(env['COLLABORATION_DATABASE_URL'], 'tasks')).toBe(12_000)
  })

  it('has nothing left to do at the second start', async () => {
    const done = { applied: [], seeded: false }
    expect(await prepare('services/user/src/prepare.ts', env)).toMatchObject({
      users: done,
      messages: done,
      collaboration: done,
    })
  })
})

describe('profiles', () => {
  it('are shown without the e-mail address', async () => {
    const { body } = await user.get('/profile/1')
    expect(body).toMatchObject({ id: 1, username: 'felix.wood', displayName: 'Felix Wood' })
    expect(JSON.stringify(body)).not.toContain('@')
  })

  it('are kept until they change, in every instance', async () => {
    await user.get('/profile/2')
    await sibling.get('/profile/2')
    expect((await user.get('/profile/2')).cache).toBe('HIT')
    expect((await sibling.get('/profile/2')).cache).toBe('HIT')
    const change = await user.send('PUT', '/profile/2', { bio: 'Changed.' })
    expect(change.body).toMatchObject({ id: 2, bio: 'Changed.' })
    const after = await user.get('/profile/2')
    expect(after).toMatchObject({ cache: 'MISS', body: { bio: 'Changed.' } })
    await waitFor(async () => (await sibling.get('/profile/2')).body.bio === 'Changed.')
  })

  it('of others stay in the cache when one changes', async () => {
    await user.get('/profile/3')
    await user.send('PUT', '/profile/4', { city: 'Elsewhere' })
    expect((await user.get('/profile/3')).cache).toBe('HIT')
  })

  it('refuse unknown fields, empty changes and members that are not there', async () => {
    expect((await user.send('PUT', '/profile/1', { role: 'moderator' })).body.code).toBe(
      'STORE_INPUT_INVALID',
    )
    expect((await user.send('PUT', '/profile/1', {})).status).toBe(400)
    expect((await user.send('PUT', '/profile/1', { bio: 'x'.repeat(501) })).status).toBe(400)
    expect((await user.send('PUT', '/profile/999999', { bio: 'x' })).status).toBe(404)
    expect((await user.get('/profile/999999')).status).toBe(404)
    expect((await user.get('/profile/me')).status).toBe(400)
  })
})

describe('search', () => {
  it('finds members by the beginnings of name and place', async () => {
    const { body } = await user.get('/search?q=fel+wood')
    expect(body.items.map((item: { displayName: string }) => item.displayName)).toContain('Felix Wood')
  })

  it('finds members by skill, and notices new ones', async () => {
    const path = '/search?q=lantern'
    expect((await user.get(path)).body.items).toEqual([])
    expect((await user.get(path)).cache).toBe('HIT')
    await user.send('POST', '/users/6/skills', { name: 'Lantern slides', level: 4 })
    const { cache, body } = await user.get(path)
    expect(cache).toBe('MISS')
    expect(body.items).toMatchObject([{ id: 6 }])
  })

  it('needs something to look for', async () => {
    expect((await user.get('/search')).status).toBe(400)
    expect((await user.get('/search?q=%20')).status).toBe(400)
    expect((await user.get(`/search?q=${'x'.repeat(101)}`)).status).toBe(400)
    expect((await user.get('/search?q=!')).body.items).toEqual([])
  })
})

describe('skills', () => {
  it('are kept until one is added', async () => {
    await user.get('/users/8/skills')
    expect((await user.get('/users/8/skills')).cache).toBe('HIT')
    expect((await user.send('POST', '/users/8/skills', { name: 'Gilding', level: 2 })).status).toBe(201)
    const { cache, body } = await user.get('/users/8/skills')
    expect(cache).toBe('MISS')
    expect(body.items).toContainEqual({ name: 'Gilding', level: 2 })
  })

  it('are not doubled', async () => {
    await user.send('POST', '/users/9/skills', { name: 'Gilding', level: 2 })
    await user.send('POST', '/users/9/skills', { name: 'Gilding', level: 5 })
    const { body } = await user.get('/users/9/skills')
    const gilding = body.items.filter((item: { name: string }) => item.name === 'Gilding')
    expect(gilding).toEqual([{ name: 'Gilding', level: 5 }])
  })

  it('are refused when wrong', async () => {
    expect((await user.send('POST', '/users/8/skills', { name: '', level: 9 })).body.problems).toHaveLength(2)
    expect((await user.send('POST', '/users/999999/skills', { name: 'X', level: 1 })).status).toBe(404)
    expect((await user.get('/users/999999/skills')).status).toBe(404)
  })
})

describe('caching as the documents wire it', () => {
  const profile = { method: 'PUT', path: '/profile/31', body: () => ({ bio: 'Wired.' }) }
  const skill = { method: 'POST', path: '/users/31/skills', body: () => ({ name: 'Wiring', level: 3 }) }
  wiringTests(() => database.url, buildUser, [
    { get: '/profile/31', ttlS: 600, until: profile },
    { get: '/search?q=wood', ttlS: 300, until: profile },
    { get: '/search?q=felix', ttlS: 300, until: skill },
    { get: '/users/31/skills', ttlS: 600, until: skill },
  ])
})

describe('notifications', () => {
  it('are listed and marked as read', async () => {
    const owner = await user.get('/users/1/notifications?limit=100')
    const unread = owner.body.items.filter((item: { isRead: boolean }) => !item.isRead)
    expect(owner.body.unread).toBe(unread.length)
    const marked = await user.send('POST', '/users/1/notifications/read', {})
    expect(marked.body.read).toBe(unread.length)
    expect((await user.get('/users/1/notifications?unread=true')).body).toEqual({ items: [], unread: 0 })
  })

  it('of others cannot be marked', async () => {
    const other = (await user.get('/users/10/notifications?limit=100')).body
    const ids = other.items.map((item: { id: number }) => item.id)
    expect((await user.send('POST', '/users/11/notifications/read', { ids })).body.read).toBe(0)
    expect((await user.get('/users/10/notifications')).body.unread).toBe(other.unread)
  })
})

describe('the service', () => {
  it('says how it is', async () => {
    expect((await user.get('/health/ready')).body).toMatchObject({ ready: true })
    expect((await user.get('/metrics')).body).toContain('namespace="USER_PROFILE"')
  })

  it('answers problems for what it does not know or cannot read', async () => {
    const missing = await user.get('/nothing')
    expect(missing.status).toBe(404)
    expect(missing.headers.get('content-type')).toContain('application/problem+json')
    expect(missing.body.code).toBe('STORE_ROUTE_NOT_FOUND')
    const broken = await fetch(`${user.url}/profile/1`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"bio":',
    })
    expect(broken.status).toBe(400)
    expect((await user.send('PUT', '/profile/1', { bio: 'x'.repeat(70_000) })).status).toBe(413)
  })
})
