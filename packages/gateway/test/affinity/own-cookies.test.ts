import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StickySessions } from '../../src/drivers/driver.ts'
import { createGateway } from '../../src/index.ts'
import { Fixture, onePool } from '../../src/testing/index.ts'
import { namedPool, type Seen } from '../../src/testing/suites/named-pools.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

const sticky = (cookieName: string): StickySessions => ({
  kind: 'cookie',
  cookieName,
  maxAgeMs: 3_600_000,
  secret: 'a secret of enough characters',
})

it('the gateway’s cookies reach nobody: other applications, parts of a split, copies', async () => {
  const seen: Seen[] = []
  const [shop, next, blog, copies] = await Promise.all(
    ['shop', 'next', 'blog', 'copies'].map((name) => namedPool(fixture, name, seen)),
  )
  const parts = [
    { pool: 'shop', share: 0 },
    { pool: 'next', share: 100 },
  ]
  await fixture.start({
    routes: [
      { prefix: '/blog', pool: 'blog' },
      {
        prefix: '/',
        pool: 'shop',
        split: { name: 'look', kind: 'ab', parts },
        mirror: { pool: 'copies', share: 100 },
      },
    ],
    pools: [
      { ...shop!, sticky: sticky('lb-session-shop') },
      { ...next!, sticky: sticky('lb-session-next') },
      blog!,
      copies!,
    ],
  })
  const cookie = 'lb-session-shop=1; a=1; lb-session-next=2; millrace_ab_look=3; lb-session=4'
  expect((await fixture.ask('/blog', { headers: { cookie } })).status).toBe(200)
  expect((await fixture.ask('/', { headers: { cookie } })).status).toBe(200)
  await expect.poll(() => seen.map(({ name }) => name).toSorted()).toEqual(['blog', 'copies', 'next'])
  // The last is nobody's name here.
  for (const { headers } of seen) expect(headers.cookie).toBe('a=1; lb-session=4')
  const explained = await fixture.engine.explain!({
    url: '/blog',
    method: 'GET',
    headers: { cookie },
    client: '203.0.113.9',
  })
  expect(explained.sent!.headers['cookie']).toBe('a=1; lb-session=4')
})

it('a cookie of the same name from a neighbour does not end a session', async () => {
  const ids = [1, 2, 3].map((id) => `app/${id}`)
  const ports = await Promise.all(ids.map((id) => fixture.backend((_req, res) => res.end(id))))
  const { routes, pools } = onePool(ports)
  await fixture.start({ routes, pools: [{ ...pools[0]!, sticky: sticky('lb-session') }] })
  const first = await fixture.ask('/')
  const own = first.headers['set-cookie']![0]!.split(';')[0]!
  for (let i = 0; i < 5; i++) {
    const answer = await fixture.ask('/', {
      headers: { cookie: `lb-session=theirs; lb-session=${'A'.repeat(60)}; ${own}` },
    })
    expect(answer.text).toBe(first.text)
    expect(answer.headers['set-cookie']).toBeUndefined()
  }
})
